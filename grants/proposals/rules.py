"""The rules of a proposal: budget, consortium, completeness. Pure; every number comes from the topic.

Source: domain.md 4 (eligibility), 6 (the proposal), 7 (budget).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from grants.calls.rules import is_first_stage
from grants.calls.states import DeadlineModel
from grants.kernel.findings import Finding, Severity
from grants.kernel.money import cents, percentage, total
from grants.proposals import layout
from grants.proposals.states import ParticipantRole

#: Models whose deadlines each close one batch.
CUT_OFFS = frozenset({DeadlineModel.CUT_OFFS, DeadlineModel.ALWAYS_OPEN})


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths of the general part, in characters. Source: domain.md 6."""

    acronym: int = 20
    title: int = 200
    abstract: int = 2000


@dataclass(frozen=True, slots=True)
class TopicRules:
    """What the topic asks of general part and budget. Rates in per cent. Its other demands are eligibility rules:
    see ``eligibility``."""

    indirect_rate: Decimal
    indirect_base: frozenset[str]
    limits: Limits = field(default_factory=Limits)
    layout: layout.Layout = field(default_factory=layout.Layout)


@dataclass(frozen=True, slots=True)
class ParticipantFacts:
    """One organisation with its row of the budget. ``amounts``: category to euro, None for what is no amount."""

    id: int
    organisation: int
    name: str
    country: str
    role: ParticipantRole
    funding_rate: Decimal
    amounts: Mapping[str, Decimal | None]
    requested: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """A draft as the checks see it. ``part_b_measures``: what the first pages of its Part B look like."""

    topic: TopicRules
    acronym: str
    title: str
    abstract: str
    duration_months: int | None
    participants: tuple[ParticipantFacts, ...]
    part_b: bool
    part_b_measures: Sequence[layout.PageMeasure] = ()


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One participant's budget, each amount rounded half up to the cent."""

    direct: Decimal
    indirect: Decimal
    total: Decimal
    ceiling: Decimal
    requested: Decimal


def closing(
    model: DeadlineModel,
    *,
    first: datetime,
    last: datetime,
    stage: int,
    cut_off: datetime | None,
    extended_until: datetime | None,
) -> datetime:
    """The instant from which a proposal is late.

    ``first`` and ``last``: deadlines of the topic. A first stage ends with the first. With cut-offs, a proposal that
    was submitted belongs to the next one (``cut_off``) and is evaluated with it; others may come until the last. An
    extension is for one proposal, and only ever longer. Source: domain.md 1 and 3.
    """
    common = last
    if is_first_stage(model, stage):
        common = first
    elif model in CUT_OFFS and cut_off is not None:
        common = cut_off
    return common if extended_until is None else max(common, extended_until)


def budget_row(participant: ParticipantFacts, topic: TopicRules) -> BudgetRow:
    """Direct, indirect and total costs, and the contribution: min(rate x eligible, requested).

    Indirect costs are computed on the categories of the topic's base; who gets no money (associated partners)
    has a contribution of 0. Source: domain.md 7.

    >>> row = budget_row(ParticipantFacts(1, 1, "A", "BE", ParticipantRole.COORDINATOR, Decimal(90),
    ...     {"A": Decimal(1000), "B": Decimal(500)}), TopicRules(Decimal(25), frozenset({"A"})))
    >>> row.indirect, row.total, row.requested
    (Decimal('250.00'), Decimal('1750.00'), Decimal('1575.00'))
    """
    known = {code: amount for code, amount in participant.amounts.items() if amount is not None}
    direct = cents(total(known.values()))
    base = total(amount for code, amount in known.items() if code in topic.indirect_base)
    indirect = percentage(base, topic.indirect_rate)
    whole = direct + indirect
    paid = participant.role is not ParticipantRole.ASSOCIATED
    ceiling = percentage(whole, participant.funding_rate) if paid else Decimal("0.00")
    requested = ceiling if participant.requested is None else min(ceiling, cents(participant.requested))
    return BudgetRow(direct=direct, indirect=indirect, total=whole, ceiling=ceiling, requested=requested)


def requested_total(participants: Iterable[ParticipantFacts], topic: TopicRules) -> Decimal:
    """The contribution that the whole proposal asks for."""
    return total(budget_row(each, topic).requested for each in participants)


def draft_findings(facts: ProposalFacts) -> list[Finding]:
    """What every proposal needs, in the order of the pages: mandatory fields, a coordinator, a budget, a Part B
    (domain.md 6). What the topic's own rules and its Part A ask comes from ``eligibility`` and ``calls.parta``."""
    return [
        *_general_findings(facts),
        *_coordinator_findings(facts.participants),
        *_budget_findings(facts),
        *_file_findings(facts),
    ]


def _general_findings(facts: ProposalFacts) -> Iterable[Finding]:
    limits = facts.topic.limits
    for name, text, most in (
        ("acronym", facts.acronym, limits.acronym),
        ("title", facts.title, limits.title),
        ("abstract", facts.abstract, limits.abstract),
    ):
        if not text.strip():
            yield _blocks(f"no-{name}", f"Enter the {name}.", f"general.{name}")
        elif len(text) > most:
            message = f"The {name} has {len(text)} characters; {most} are allowed."
            yield _blocks(f"{name}-long", message, f"general.{name}")
    if not facts.duration_months:
        yield _blocks("no-duration", "Enter the duration in months.", "general.duration_months")


def _coordinator_findings(participants: Sequence[ParticipantFacts]) -> Iterable[Finding]:
    if not any(each.role is ParticipantRole.COORDINATOR for each in participants):
        yield _blocks("no-coordinator", "Add the coordinating organisation.", "consortium")


def _budget_findings(facts: ProposalFacts) -> Iterable[Finding]:
    topic = facts.topic
    for each in facts.participants:
        for code, amount in each.amounts.items():
            if amount is None:
                message = f"{each.name}, {code}: use digits only, for example 48500."
                yield _blocks("not-an-amount", message, f"budget.{each.id}.{code}")
    asked = requested_total(facts.participants, topic)
    if facts.participants and asked == 0:
        yield _blocks("no-budget", "Enter the costs: nothing is asked for yet.", "budget")
    for each in facts.participants:
        if each.requested is not None and each.requested > budget_row(each, topic).ceiling:
            message = f"{each.name} asks for more than its rate allows; only the allowed part counts."
            yield _warns("request-over-rate", message, f"budget.{each.id}.requested")


def pages_not_read(pages: int | None, limit: int | None) -> range:
    """Numbers of the pages that evaluators do not get to see. Source: domain.md 4: inside the page limit.

    >>> list(pages_not_read(47, 45)), list(pages_not_read(45, 45)), list(pages_not_read(None, 45))
    ([46, 47], [], [])
    """
    return range(0) if limit is None or pages is None else range(limit + 1, pages + 1)


def _file_findings(facts: ProposalFacts) -> Iterable[Finding]:
    if not facts.part_b:
        yield _blocks("no-part-b", "Upload Part B as one PDF.", "part_b")
    else:
        yield from layout.findings(facts.part_b_measures, facts.topic.layout)


def _blocks(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.BLOCKS, "domain.md 6")


def _warns(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.WARNS, "domain.md 4, 6")
