"""Totals, ties, funding line, decision and letters of result."""
