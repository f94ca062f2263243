"""States of a request for a review, of rulings on it, of the new round; what a request is about, how it can end."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class RequestState(StrEnum):
    """``draft`` is the main contact's alone. ``admissible``: a committee looks at it."""

    DRAFT = "draft"
    SENT = "sent"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


OPEN = (RequestState.SENT, RequestState.ADMISSIBLE)

REDRESS = Machine(
    "redress",
    RequestState,
    Transition(RequestState.DRAFT, "send", RequestState.SENT, "main contact, in time"),
    Transition(RequestState.SENT, "withdraw", RequestState.WITHDRAWN, "main contact"),
    Transition(RequestState.ADMISSIBLE, "withdraw", RequestState.WITHDRAWN, "main contact"),
    Transition(RequestState.SENT, "admit", RequestState.ADMISSIBLE, "two programme managers"),
    Transition(RequestState.SENT, "refuse", RequestState.INADMISSIBLE, "two programme managers"),
    Transition(RequestState.ADMISSIBLE, "decide", RequestState.DECIDED, "two programme managers"),
    final=(RequestState.INADMISSIBLE, RequestState.DECIDED, RequestState.WITHDRAWN),
)


class RulingState(StrEnum):
    """A ruling counts only when a second manager has confirmed it."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    SENT_BACK = "sent_back"


RULING = Machine(
    "redress_ruling",
    RulingState,
    Transition(RulingState.PROPOSED, "confirm", RulingState.CONFIRMED, "another programme manager"),
    Transition(RulingState.PROPOSED, "send_back", RulingState.SENT_BACK, "programme manager"),
    final=(RulingState.CONFIRMED, RulingState.SENT_BACK),
)


class RoundState(StrEnum):
    """``proposed``: one manager proposes new scores and a decision; they count when another one confirmed them."""

    OPEN = "open"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"


ROUND = Machine(
    "redress_round",
    RoundState,
    Transition(RoundState.OPEN, "propose", RoundState.PROPOSED, "programme manager"),
    Transition(RoundState.PROPOSED, "send_back", RoundState.OPEN, "programme manager"),
    Transition(RoundState.PROPOSED, "confirm", RoundState.CONFIRMED, "another programme manager"),
    final=(RoundState.CONFIRMED,),
)


class DeskState(StrEnum):
    """How far an expert of a new round is: asked to declare, writing, handed in, or closed by a conflict."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    HANDED_IN = "handed_in"
    CONFLICTED = "conflicted"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "asked": "Asked", "accepted": "Writes the report", "handed_in": "Report handed in",
            "conflicted": "Conflict of interest",
        }[self.value]  # fmt: skip


_CLOSES = "expert of the round, or a conflict that was found since"
DESK = Machine(
    "redress_round_expert",
    DeskState,
    Transition(DeskState.ASKED, "accept", DeskState.ACCEPTED, "expert of the round, who declares no conflict"),
    Transition(DeskState.ACCEPTED, "hand_in", DeskState.HANDED_IN, "expert of the round"),
    Transition(DeskState.ASKED, "step_back", DeskState.CONFLICTED, _CLOSES),
    Transition(DeskState.ACCEPTED, "step_back", DeskState.CONFLICTED, _CLOSES),
    Transition(DeskState.HANDED_IN, "step_back", DeskState.CONFLICTED, _CLOSES),
    final=(DeskState.CONFLICTED,),
)


class Subject(StrEnum):
    """What the coordinator thinks went wrong: a fact of admission, or the procedure of the evaluation."""

    ADMISSIBILITY = "admissibility"
    ELIGIBILITY = "eligibility"
    CRITERION = "criterion"
    STEP = "step"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "admissibility": "The finding that the proposal was not admissible",
            "eligibility": "The finding that the proposal was not eligible",
            "criterion": "How one criterion was evaluated", "step": "Another step of the procedure",
        }[self.value]  # fmt: skip


class Says(StrEnum):
    """What a ruling says: on admissibility (the first two), or the outcome of the review."""

    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    FULLY = "fully"
    CORRECTED = "corrected"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "admissible": "The request is admissible", "inadmissible": "The request is not admissible",
            "confirmed": "The result is confirmed", "partly": "Some criteria are evaluated again",
            "fully": "The whole proposal is evaluated again", "corrected": "The finding on admission is corrected",
        }[self.value]  # fmt: skip


ON_ADMISSIBILITY = (Says.ADMISSIBLE, Says.INADMISSIBLE)
OUTCOMES = (Says.CONFIRMED, Says.PARTLY, Says.FULLY, Says.CORRECTED)
UPHELD = (Says.PARTLY, Says.FULLY, Says.CORRECTED)
AGAIN = (Says.PARTLY, Says.FULLY)
