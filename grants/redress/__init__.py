"""Requests for a review of how a proposal was evaluated: of the procedure, never of the scientific judgement."""
