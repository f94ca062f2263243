"""The outbox: every letter is a row of the transaction that caused it; delivery claims, sends and records."""
