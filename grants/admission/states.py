"""States of an extension and of the decision whether a proposal is admitted."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class ExtensionState(StrEnum):
    """More time for one proposal counts only when a second person has confirmed it."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


EXTENSION = Machine(
    "extension",
    ExtensionState,
    Transition(ExtensionState.PROPOSED, "confirm", ExtensionState.CONFIRMED, "another programme manager"),
    Transition(ExtensionState.PROPOSED, "refuse", ExtensionState.REFUSED, "programme manager"),
    final=(ExtensionState.CONFIRMED, ExtensionState.REFUSED),
)


class AdmissionState(StrEnum):
    """``pending`` until an officer has decided. Each decision can be taken back, and is kept in the audit trail."""

    PENDING = "pending"
    ADMITTED = "admitted"
    EXCLUDED = "excluded"


ADMISSION = Machine(
    "admission",
    AdmissionState,
    Transition(AdmissionState.PENDING, "admit", AdmissionState.ADMITTED, "programme manager"),
    Transition(AdmissionState.PENDING, "exclude", AdmissionState.EXCLUDED, "programme manager"),
    Transition(AdmissionState.ADMITTED, "reopen", AdmissionState.PENDING, "programme manager"),
    Transition(AdmissionState.EXCLUDED, "reopen", AdmissionState.PENDING, "programme manager"),
    final=(AdmissionState.ADMITTED, AdmissionState.EXCLUDED),
)
