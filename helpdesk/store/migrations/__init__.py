"""Alembic's migrations: every step from the first schema to today's."""
