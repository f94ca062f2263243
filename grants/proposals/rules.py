"""The rules of a proposal: budget, consortium, completeness. Pure; every number comes from the topic.

Source: domain.md 4 (eligibility), 6 (the proposal), 7 (budget).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from grants.calls.rules import is_first_stage
from grants.calls.states import CostModel, DeadlineModel
from grants.kernel.findings import Finding, Severity
from grants.kernel.money import ZERO, cents, percentage, total
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
class Category:
    """A column of the budget. ``unit``: what is counted in it, empty for nothing; ``unit_cost``: euro for one where
    the topic sets it; ``justify``: whether costs in it need a reason."""

    code: str
    name: str
    unit: str = ""
    unit_cost: Decimal | None = None
    justify: bool = False


@dataclass(frozen=True, slots=True)
class TopicRules:
    """What the topic asks of general part and budget. Rates in per cent. Its other demands are eligibility rules:
    see ``eligibility``. ``packages``: titles of the work packages that a lump sum is shared out to; ``no_profit``:
    a contribution never exceeds the costs less the income; ``most_rate``: the highest funding rate of anybody."""

    indirect_rate: Decimal
    indirect_base: frozenset[str]
    categories: tuple[Category, ...] = ()
    cost_model: CostModel = CostModel.ACTUAL
    no_profit: bool = False
    max_grant: Decimal | None = None
    most_rate: Decimal | None = None
    packages: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    layout: layout.Layout = field(default_factory=layout.Layout)


@dataclass(frozen=True, slots=True)
class ParticipantFacts:
    """One organisation with its row of the budget. ``amounts``: category to euro, None for what is no amount.

    ``quantities``: category to units, None for what is no number. ``shares``: of a lump sum, by number of the work
    package. ``wrong``: fields of the row in which something is typed that is no amount.
    """

    id: int
    organisation: int
    name: str
    country: str
    role: ParticipantRole
    funding_rate: Decimal
    amounts: Mapping[str, Decimal | None]
    requested: Decimal | None = None
    quantities: Mapping[str, Decimal | None] = field(default_factory=dict)
    justifications: Mapping[str, str] = field(default_factory=dict)
    own_contribution: Decimal | None = None
    income: Decimal | None = None
    shares: Mapping[int, Decimal | None] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()

    @property
    def paid(self) -> bool:
        """Whether it gets money: associated partners do not (domain.md 5)."""
        return self.role is not ParticipantRole.ASSOCIATED


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
    """One participant's budget, each amount rounded half up to the cent. ``ceiling``: the most it may ask for."""

    direct: Decimal
    indirect: Decimal
    total: Decimal
    ceiling: Decimal
    requested: Decimal
    own_contribution: Decimal = ZERO
    income: Decimal = ZERO

    @property
    def uncovered(self) -> Decimal:
        """Costs that neither contribution nor own means nor income cover; negative where these are more."""
        return self.total - self.requested - self.own_contribution - self.income


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
    has a contribution of 0. With no profit, the most is also what the income leaves of the costs. Of a lump sum, the
    contribution is what its shares add up to; without an estimate by category they stand for the costs.
    Source: domain.md 7.

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
    own, income = participant.own_contribution or ZERO, participant.income or ZERO
    shared = total(share for share in participant.shares.values() if share is not None)
    lump = topic.cost_model is CostModel.LUMP_SUM
    ceiling = percentage(whole, participant.funding_rate)
    if lump and not whole:
        whole = ceiling = shared
    if not participant.paid:
        ceiling = ZERO
    if topic.no_profit:
        ceiling = min(ceiling, max(ZERO, whole - income))
    wanted = shared if lump else participant.requested
    requested = ceiling if wanted is None else min(ceiling, cents(wanted))
    return BudgetRow(
        direct=direct, indirect=indirect, total=whole, ceiling=ceiling, requested=requested, own_contribution=own,
        income=income,
    )  # fmt: skip


def requested_total(participants: Iterable[ParticipantFacts], topic: TopicRules) -> Decimal:
    """The contribution that the whole proposal asks for."""
    return total(budget_row(each, topic).requested for each in participants)


def draft_findings(facts: ProposalFacts) -> list[Finding]:
    """What every proposal needs, in the order of the pages: mandatory fields, a coordinator, a Part B (domain.md 6).
    Its budget: see ``budget``. What the topic's own rules and Part A ask: ``eligibility`` and ``calls.parta``."""
    return [
        *_general_findings(facts),
        *_coordinator_findings(facts.participants),
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
