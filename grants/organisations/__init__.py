"""Organisations: PIC, legal data and the people who act for them."""
