"""Assignments, individual evaluation reports, consensus."""
