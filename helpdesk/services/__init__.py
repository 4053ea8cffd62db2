"""The shell: opens transactions, gathers facts, asks the core, writes the answers down."""
