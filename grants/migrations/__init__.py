"""The schema's history: one line of Alembic migrations."""
