"""Who evaluates what in the demo, and how far each got. Pure; carried out by ``evaluations``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from random import Random

from grants.demo.people import Evaluator
from grants.demo.plan import Plan, ProposalPlan

ELENI, TOMASZ, RUTA = "eleni@demo.example", "tomasz@demo.example", "ruta@demo.example"
#: Evaluators who are asked for a topic, at most, and what one of them takes.
_POOL, LOAD = 18, 8


class Work(IntEnum):
    """How far one expert is with one proposal."""

    ASKED = 0
    CONFLICT = 1
    ACCEPTED = 2
    DRAFT = 3
    HANDED_IN = 4


class Agreement(IntEnum):
    """How far the consensus is. ``ASKED``: proposed, and the first has answered; ``ANSWERED``: all have."""

    NOT_OPENED = 0
    DRAFT = 1
    ASKED = 2
    ANSWERED = 3
    APPROVED = 4


@dataclass(frozen=True, slots=True)
class Seat:
    """One expert on a panel. ``steps``: how far from the agreed scores this one is at most."""

    email: str
    work: Work
    steps: int = 2


@dataclass(frozen=True, slots=True)
class Panel:
    """The evaluation of one proposal; the first seat is the rapporteur's. ``overdue``: its day has passed.

    ``minority``: the last expert does not agree.
    """

    proposal: ProposalPlan
    seats: tuple[Seat, ...]
    agreement: Agreement
    overdue: bool = False
    minority: bool = False


@dataclass(frozen=True, slots=True)
class TopicPanels:
    """One topic. ``pool``: all who were invited and accepted; ``declined`` and ``silent``: who did not."""

    topic: str
    pool: tuple[str, ...]
    declined: tuple[str, ...]
    silent: tuple[str, ...]
    panels: tuple[Panel, ...]


_A, _C, _D, _H = Work.ASKED, Work.ACCEPTED, Work.DRAFT, Work.HANDED_IN
_ALL = (_H, _H, _H)
#: The proposals of a topic under evaluation one after the other: their experts' work, their consensus.
_PROGRESS: tuple[tuple[tuple[Work, ...], Agreement], ...] = (
    (_ALL, Agreement.APPROVED), (_ALL, Agreement.APPROVED), (_ALL, Agreement.ASKED), (_ALL, Agreement.DRAFT),
    (_ALL, Agreement.NOT_OPENED), ((_H, _H, _D), Agreement.NOT_OPENED), ((_H, _D, _C), Agreement.NOT_OPENED),
    ((_C, _D, _C), Agreement.NOT_OPENED), ((_A, _C, _H), Agreement.NOT_OPENED),
    ((_H, Work.CONFLICT, _H), Agreement.NOT_OPENED), (_ALL, Agreement.ANSWERED),
    ((_H, _D, _H), Agreement.NOT_OPENED), (_ALL, Agreement.APPROVED),
)  # fmt: skip
#: Of these places: the experts are far apart; the day has passed; somebody does not agree.
_WIDE, _OVERDUE, _MINORITY = 4, 11, (1, 10)
#: A small demo has two proposals there: one in work, one in consensus.
_SMALL = (5, 3)
#: Work for the sign-ins, by topic, place and seat, as far as no conflict of interest stands against it.
_WISHES: Mapping[str, Mapping[int, Mapping[int, str]]] = {
    "evaluation/FCT-01": {
        1: {1: RUTA}, 2: {0: TOMASZ, 2: ELENI}, 3: {0: ELENI, 1: RUTA}, 5: {2: RUTA}, 6: {1: ELENI, 2: TOMASZ},
        7: {1: TOMASZ, 2: RUTA}, 8: {0: RUTA, 1: ELENI}, 11: {1: TOMASZ},
    },
    "evaluation/FCT-02": {
        0: {0: ELENI}, 2: {0: RUTA, 2: TOMASZ}, 3: {0: TOMASZ}, 5: {2: ELENI}, 6: {1: RUTA}, 8: {0: TOMASZ, 1: ELENI},
    },
}  # fmt: skip


def draw(plan: Plan) -> Iterator[TopicPanels]:
    """The panels of every topic whose proposals are judged, in the order of the plan."""
    topics = dict.fromkeys(each.topic for each in plan.proposals if each.quality)
    for topic in topics:
        judged = [each for each in plan.proposals if each.topic == topic and each.quality]
        rng = Random(f"{plan.seed}:{topic}:panels")  # noqa: S311 a demo, no secret
        yield _topic(topic, [each for each in judged if each.times.withdrawn is None], plan.evaluators, rng=rng)


def _topic(
    topic: str, proposals: Sequence[ProposalPlan], evaluators: Sequence[Evaluator], *, rng: Random
) -> TopicPanels:
    signed, others = evaluators[:3], evaluators[3:]  # the sign-ins stand first
    asked = [*signed, *rng.sample(others, min(len(others), _POOL - 3))]
    rest = [each.email for each in others if each not in asked]
    loads: Counter[str] = Counter()
    panels = tuple(
        _panel(topic, index, each, asked, loads, small=len(proposals) < 3, rng=rng)
        for index, each in enumerate(proposals)
    )
    pool = tuple(each.email for each in asked)
    return TopicPanels(topic, pool, tuple(rest[:2]), tuple(rest[2:3]), panels)


def _panel(
    topic: str,
    index: int,
    proposal: ProposalPlan,
    asked: Sequence[Evaluator],
    loads: Counter[str],
    *,
    small: bool,
    rng: Random,
) -> Panel:
    place = _SMALL[index] if small else index
    running = topic.startswith("evaluation")
    work, agreement = _PROGRESS[place] if running else (_ALL, Agreement.APPROVED)
    names = _members(proposal, asked, _WISHES.get(topic, {}).get(place, {}), loads, rng=rng)
    steps = 4 if place == _WIDE else 2
    return Panel(
        proposal, tuple(Seat(name, each, steps) for name, each in zip(names, work, strict=True)), agreement,
        overdue=running and place == _OVERDUE, minority=agreement >= Agreement.ANSWERED and place in _MINORITY,
    )  # fmt: skip


def _members(
    proposal: ProposalPlan, asked: Sequence[Evaluator], wishes: Mapping[int, str], loads: Counter[str], *, rng: Random
) -> list[str]:
    """Three experts without a tie to the proposal: those wished for, then those with the least work."""
    taking_part = {each.organisation for each in proposal.partners}
    free = [each.email for each in asked if each.employer not in taking_part and loads[each.email] < LOAD]
    wished = {seat: email for seat, email in wishes.items() if email in free}
    left = [email for email in rng.sample(free, len(free)) if email not in wished.values()]
    left.sort(key=lambda email: loads[email])
    others = iter(left)
    names = [wished.get(seat) or next(others) for seat in range(3)]
    loads.update(names)
    return names
