"""The life of a call. Forthcoming, open and closed are no states: they follow from the dates."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class CallState(StrEnum):
    """Drafts are seen by their programme's managers only."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


CALL = Machine(
    "call",
    CallState,
    Transition(CallState.DRAFT, "publish", CallState.PUBLISHED, "programme manager"),
    Transition(CallState.PUBLISHED, "correct", CallState.PUBLISHED, "programme manager"),
    Transition(CallState.PUBLISHED, "cancel", CallState.CANCELLED, "programme manager"),
    final=(CallState.PUBLISHED, CallState.CANCELLED),
)


class QuestionState(StrEnum):
    """``published``: the answer is public, the asker is not named. ``declined``: it was not for the public."""

    ASKED = "asked"
    PUBLISHED = "published"
    DECLINED = "declined"


QUESTION = Machine(
    "call_question",
    QuestionState,
    Transition(QuestionState.ASKED, "publish", QuestionState.PUBLISHED, "programme manager"),
    Transition(QuestionState.ASKED, "decline", QuestionState.DECLINED, "programme manager"),
    Transition(QuestionState.PUBLISHED, "correct", QuestionState.PUBLISHED, "programme manager"),
    final=(QuestionState.PUBLISHED, QuestionState.DECLINED),
)


class DeadlineModel(StrEnum):
    """Source: domain.md 1."""

    SINGLE_STAGE = "single-stage"
    TWO_STAGE = "two-stage"
    CUT_OFFS = "multiple cut-off"
    ALWAYS_OPEN = "always open"


class CostModel(StrEnum):
    """How the costs of a topic's proposals are given. Source: domain.md 2 and 7."""

    ACTUAL = "actual costs"
    LUMP_SUM = "lump sum"
    UNIT = "unit costs"


class Blind(StrEnum):
    """In which stages experts judge without knowing who applies. Source: domain.md 4 (blind evaluation)."""

    NO = "no"
    FIRST_STAGE = "first stage"
    ALL = "all stages"

    @property
    def label(self) -> str:
        """In words."""
        words = {
            "no": "Experts see who applies", "first stage": "Blind in the first of two stages",
            "all stages": "Blind in every stage",
        }  # fmt: skip
        return words[self.value]


class Naming(StrEnum):
    """What happens where a blind proposal names a participant."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"

    @property
    def label(self) -> str:
        """In words."""
        words = {
            "off": "Nothing: it is not looked for", "warn": "Applicants and officers are warned",
            "block": "It cannot be submitted",
        }  # fmt: skip
        return words[self.value]


class Misfit(StrEnum):
    """What happens on the ranked list at the first proposal that asks for more than is left (evaluation.md 2.4)."""

    STOP = "stop"
    SKIP = "skip"
    OFFER_LESS = "offer_less"
    PORTFOLIO = "portfolio"

    @property
    def label(self) -> str:
        """In words."""
        words = {
            "stop": "The line is drawn there", "skip": "It is passed over, whoever still fits is funded",
            "offer_less": "It is offered what is left, at least the smallest grant",
            "portfolio": "No line: the set with the highest scores that keeps the portfolio rules is funded",
        }  # fmt: skip
        return words[self.value]
