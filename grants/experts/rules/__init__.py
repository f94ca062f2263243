"""Pure rules of experts: conflicts of interest, profiles and declarations, the balance of a pool."""

from __future__ import annotations

from grants.experts.rules import lines, sheet, terms
from grants.experts.rules.availability import away_throughout
from grants.experts.rules.balance import Balance, Seat, balance
from grants.experts.rules.conflicts import (
    Conflict,
    Decided,
    ExpertFacts,
    Job,
    ProposalParties,
    Windows,
    conflicts,
    disqualifying,
    standing,
)
from grants.experts.rules.names import Named, Remembered, plain
from grants.experts.rules.profile import (
    LANGUAGES,
    SECTORS,
    TIES,
    USUAL_MONTHS,
    declaration_is_valid,
    months_after,
    read_orcid,
)

__all__ = [
    "LANGUAGES",
    "SECTORS",
    "TIES",
    "USUAL_MONTHS",
    "Balance",
    "Conflict",
    "Decided",
    "ExpertFacts",
    "Job",
    "Named",
    "ProposalParties",
    "Remembered",
    "Seat",
    "Windows",
    "away_throughout",
    "balance",
    "conflicts",
    "declaration_is_valid",
    "disqualifying",
    "lines",
    "months_after",
    "plain",
    "read_orcid",
    "sheet",
    "standing",
    "terms",
]
