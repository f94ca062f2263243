"""Kinds of organisations, as CORDIS names them; the life of a validation and of a proposed pair of duplicates."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class OrganisationKind(StrEnum):
    """Activity type. Source: domain.md 5."""

    HES = "HES"
    REC = "REC"
    PRC = "PRC"
    PUB = "PUB"
    OTH = "OTH"

    @property
    def label(self) -> str:
        """In words."""
        return _LABELS[self]


_LABELS = {
    OrganisationKind.HES: "Higher or secondary education",
    OrganisationKind.REC: "Research organisation",
    OrganisationKind.PRC: "Private for-profit company",
    OrganisationKind.PUB: "Public body",
    OrganisationKind.OTH: "Other, for example an NGO",
}


class ValidationState(StrEnum):
    """How far the legal data are proven: a PIC is temporary until its organisation is validated (domain.md 5)."""

    DECLARED = "declared"
    HANDED_IN = "handed_in"
    VALIDATED = "validated"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """In words."""
        return _VALIDATION_LABELS[self]


_VALIDATION_LABELS = {
    ValidationState.DECLARED: "Declared",
    ValidationState.HANDED_IN: "Papers handed in",
    ValidationState.VALIDATED: "Validated",
    ValidationState.REFUSED: "Refused",
}

VALIDATION = Machine(
    "organisation",
    ValidationState,
    Transition(ValidationState.DECLARED, "hand_in", ValidationState.HANDED_IN, "representative"),
    Transition(ValidationState.REFUSED, "hand_in", ValidationState.HANDED_IN, "representative"),
    Transition(ValidationState.HANDED_IN, "validate", ValidationState.VALIDATED, "programme manager, administrator"),
    Transition(ValidationState.HANDED_IN, "refuse", ValidationState.REFUSED, "programme manager, administrator"),
    Transition(ValidationState.VALIDATED, "change", ValidationState.DECLARED, "who changes what was proven"),
    final=(ValidationState.VALIDATED,),
)


class PairState(StrEnum):
    """Whether an officer has decided about two entries that look alike."""

    PROPOSED = "proposed"
    MERGED = "merged"
    DIFFERENT = "different"


PAIR = Machine(
    "duplicate",
    PairState,
    Transition(PairState.PROPOSED, "merge", PairState.MERGED, "programme manager, administrator"),
    Transition(PairState.PROPOSED, "keep_apart", PairState.DIFFERENT, "programme manager, administrator"),
    Transition(PairState.DIFFERENT, "merge", PairState.MERGED, "programme manager, administrator"),
    final=(PairState.MERGED, PairState.DIFFERENT),
)
