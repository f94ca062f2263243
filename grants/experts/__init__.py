"""Experts: their profile, invitations to evaluate a topic, and conflicts of interest."""
