"""What is due and to whom: rules and queries that the scheduler runs; looks at everything below."""
