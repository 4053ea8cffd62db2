"""An email-driven helpdesk: a pure core, a thin shell, mail in, tickets, mail out."""

__version__ = "0.1.0"
