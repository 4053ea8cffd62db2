"""The numbered cases of faults, each a test by its number; `docs/reliability.md` lists them."""
