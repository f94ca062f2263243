"""Doing: setting panels up, meetings, outcomes, cross-reading, hearings, observing. One module for each."""
