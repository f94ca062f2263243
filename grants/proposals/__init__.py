"""Drafts, consortium, budget, checks, submission and receipt."""
