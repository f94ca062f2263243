"""The audit trail: append-only, hash-chained events, written in the transaction of the change they record."""
