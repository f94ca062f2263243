"""Everyone's first page, the portfolio and charts."""
