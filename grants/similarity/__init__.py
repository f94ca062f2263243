"""Texts that say the same as earlier ones: which are alike, how much, and the passages side by side."""
