"""Lives of a panel's meeting, an outcome, a cross-reading note, a hearing, an observer and an observer's report."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class MeetingState(StrEnum):
    """``open``: the panel sits, outcomes are recorded. ``approved``: the chair approved the minutes."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    APPROVED = "approved"
    CANCELLED = "cancelled"


MEETING = Machine(
    "panel_meeting",
    MeetingState,
    Transition(MeetingState.PLANNED, "open", MeetingState.OPEN, "programme manager or chair"),
    Transition(MeetingState.PLANNED, "cancel", MeetingState.CANCELLED, "programme manager"),
    Transition(MeetingState.OPEN, "close", MeetingState.CLOSED, "programme manager or chair"),
    Transition(MeetingState.CLOSED, "reopen", MeetingState.OPEN, "programme manager"),
    Transition(MeetingState.CLOSED, "approve", MeetingState.APPROVED, "chair"),
    final=(MeetingState.APPROVED, MeetingState.CANCELLED),
)
#: The panel has sat, or sits.
SAT = (MeetingState.OPEN, MeetingState.CLOSED, MeetingState.APPROVED)


class OutcomeState(StrEnum):
    """``kept``: the scores stay, which counts at once. Changed scores count when a second officer confirmed them."""

    PROPOSED = "proposed"
    KEPT = "kept"
    CONFIRMED = "confirmed"
    SENT_BACK = "sent_back"


OUTCOME = Machine(
    "panel_outcome",
    OutcomeState,
    Transition(OutcomeState.PROPOSED, "keep", OutcomeState.KEPT, "programme manager or chair"),
    Transition(OutcomeState.PROPOSED, "confirm", OutcomeState.CONFIRMED, "another programme manager"),
    Transition(OutcomeState.PROPOSED, "send_back", OutcomeState.SENT_BACK, "programme manager"),
    final=(OutcomeState.KEPT, OutcomeState.CONFIRMED, OutcomeState.SENT_BACK),
)
DONE = (OutcomeState.KEPT, OutcomeState.CONFIRMED)


class NoteState(StrEnum):
    """A note that is handed in is locked."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


CROSS_READING = Machine(
    "cross_reading",
    NoteState,
    Transition(NoteState.DRAFT, "submit", NoteState.SUBMITTED, "cross-reader"),
    final=(NoteState.SUBMITTED,),
)


class HearingKind(StrEnum):
    """Questions that are answered in writing, or an interview at an agreed time."""

    WRITING = "writing"
    INTERVIEW = "interview"

    @property
    def label(self) -> str:
        """In words."""
        return {"writing": "Questions in writing", "interview": "An interview"}[self.value]


class HearingState(StrEnum):
    """``sent``: the applicants know of it. ``answered``: in writing; ``confirmed``: they come to the interview."""

    DRAFT = "draft"
    SENT = "sent"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


HEARING = Machine(
    "hearing",
    HearingState,
    Transition(HearingState.DRAFT, "send", HearingState.SENT, "programme manager"),
    Transition(HearingState.DRAFT, "cancel", HearingState.CANCELLED, "programme manager"),
    Transition(HearingState.SENT, "answer", HearingState.ANSWERED, "main contact, in time"),
    Transition(HearingState.SENT, "confirm", HearingState.CONFIRMED, "main contact"),
    Transition(HearingState.SENT, "cancel", HearingState.CANCELLED, "programme manager"),
    Transition(HearingState.CONFIRMED, "cancel", HearingState.CANCELLED, "programme manager"),
    final=(HearingState.ANSWERED, HearingState.CONFIRMED, HearingState.CANCELLED),
)
#: What the applicants see.
TOLD = (HearingState.SENT, HearingState.ANSWERED, HearingState.CONFIRMED)


class ObserverState(StrEnum):
    """``signed``: the statement of confidentiality; nothing is shown before."""

    NAMED = "named"
    SIGNED = "signed"
    REMOVED = "removed"


OBSERVER = Machine(
    "observer",
    ObserverState,
    Transition(ObserverState.NAMED, "sign", ObserverState.SIGNED, "observer"),
    Transition(ObserverState.NAMED, "remove", ObserverState.REMOVED, "programme manager"),
    Transition(ObserverState.SIGNED, "remove", ObserverState.REMOVED, "programme manager"),
    Transition(ObserverState.REMOVED, "name_again", ObserverState.NAMED, "programme manager"),
    final=(ObserverState.SIGNED, ObserverState.REMOVED),
)


class ObserverReportState(StrEnum):
    """A report that is handed in is read by the managers, and locked."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


OBSERVER_REPORT = Machine(
    "observer_report",
    ObserverReportState,
    Transition(ObserverReportState.DRAFT, "submit", ObserverReportState.SUBMITTED, "observer"),
    final=(ObserverReportState.SUBMITTED,),
)
