"""Deliverables, milestones, reporting periods and their reports."""
