"""What experts accept before they see a proposal. Pure. Source: domain.md 8.4."""

from __future__ import annotations

from hashlib import sha256

#: The terms of a topic that sets none of its own.
USUAL = (
    "I evaluate each proposal myself, fairly, and on what is written in it. "
    "I keep what I read, who else evaluates and what we say confidential, also afterwards. "
    "I put no text of a proposal, and none about it, into generative artificial intelligence or any outside tool. "
    "I declare every conflict of interest as soon as I know of it."
)


def version(terms: str) -> str:
    """What tells one text of the terms from another."""
    return sha256(terms.encode()).hexdigest()[:12]
