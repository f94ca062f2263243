"""What is let in: more time for one proposal, admissibility and eligibility after the deadline, the second stage."""
