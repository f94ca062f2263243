"""Panel review: panels and their meetings, cross-reading, score changes, hearings; observers of the process."""
