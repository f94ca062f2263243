"""Programmes, calls, topics, criteria and cost categories: everything that a funder sets and publishes."""
