"""The rules of a proposal: budget, consortium, completeness. Pure; every number comes from the topic.

Source: domain.md 4 (eligibility), 6 (the proposal), 7 (budget).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from grants.kernel.findings import Finding, Severity
from grants.kernel.money import cents, percentage, total
from grants.organisations.rules import iso_country
from grants.proposals import layout
from grants.proposals.states import ParticipantRole

#: EU Member States, ISO 3166-1 alpha-2.
MEMBER_STATES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths of the general part, in characters. Source: domain.md 6."""

    acronym: int = 20
    title: int = 200
    abstract: int = 2000


@dataclass(frozen=True, slots=True)
class TopicRules:
    """What the topic asks of a proposal; None where it asks nothing. Rates in per cent, money in euro."""

    indirect_rate: Decimal
    indirect_base: frozenset[str]
    min_grant: Decimal | None = None
    max_grant: Decimal | None = None
    page_limit: int | None = None
    min_months: int | None = None
    max_months: int | None = None
    min_entities: int = 1
    min_countries: int = 1
    min_member_states: int = 0
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
    """A draft as the checks see it. ``part_b_pages``: pages of each Part B, None for unknown;
    ``part_b_measures``: what its first pages look like."""

    topic: TopicRules
    acronym: str
    title: str
    abstract: str
    duration_months: int | None
    participants: tuple[ParticipantFacts, ...]
    part_b: bool
    part_b_pages: int | None = None
    part_b_measures: Sequence[layout.PageMeasure] = ()


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One participant's budget, each amount rounded half up to the cent."""

    direct: Decimal
    indirect: Decimal
    total: Decimal
    ceiling: Decimal
    requested: Decimal


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
    """Everything that is missing or wrong, in the order of the pages; what blocks and what only warns.

    Blocking: missing mandatory fields, no coordinator, no budget, no Part B. Warnings: page limit, layout, small
    consortium, amounts outside the topic's range: the call documents prevail (domain.md 6).
    """
    return [
        *_general_findings(facts),
        *consortium_findings(facts.participants, facts.topic),
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
    yield from _duration_findings(facts.duration_months, facts.topic)


def _duration_findings(months: int | None, topic: TopicRules) -> Iterable[Finding]:
    place = "general.duration_months"
    if not months:
        yield _blocks("no-duration", "Enter the duration in months.", place)
    elif topic.max_months is not None and months > topic.max_months:
        yield _blocks("duration-long", f"The topic allows at most {topic.max_months} months.", place)
    elif topic.min_months is not None and months < topic.min_months:
        yield _blocks("duration-short", f"The topic asks for at least {topic.min_months} months.", place)


def consortium_findings(participants: Sequence[ParticipantFacts], topic: TopicRules) -> list[Finding]:
    """A coordinator, and enough independent entities from enough countries.

    Affiliated entities and associated partners do not count; EL is GR and UK is GB. Too few is a warning: an
    officer decides on eligibility (domain.md 4, 6, 15).
    """
    found: list[Finding] = []
    if not any(each.role is ParticipantRole.COORDINATOR for each in participants):
        found.append(_blocks("no-coordinator", "Add the coordinating organisation.", "consortium"))
    counting = [
        each for each in participants if each.role in (ParticipantRole.COORDINATOR, ParticipantRole.BENEFICIARY)
    ]
    entities = {each.organisation for each in counting}
    countries = {iso_country(each.country) for each in counting}
    for code, have, need, words in (
        ("few-entities", len(entities), topic.min_entities, "independent organisations"),
        ("few-countries", len(countries), topic.min_countries, "different countries"),
        ("few-member-states", len(countries & MEMBER_STATES), topic.min_member_states, "EU Member States"),
    ):
        if have < need:
            found.append(_warns(code, f"The topic asks for at least {need} {words}; there are {have}.", "consortium"))
    return found


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
    if topic.max_grant is not None and asked > topic.max_grant:
        message = f"You ask for {asked:,.2f} euro; the topic foresees at most {topic.max_grant:,.2f}."
        yield _warns("grant-high", message, "budget")
    if topic.min_grant is not None and 0 < asked < topic.min_grant:
        message = f"You ask for {asked:,.2f} euro; the topic foresees at least {topic.min_grant:,.2f}."
        yield _warns("grant-low", message, "budget")
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
    limit, pages = facts.topic.page_limit, facts.part_b_pages
    if not facts.part_b:
        yield _blocks("no-part-b", "Upload Part B as one PDF.", "part_b")
    elif pages_not_read(pages, limit):
        message = f"Part B has {pages} pages, the limit is {limit}. Pages after it are not read: shorten it."
        yield _warns("page-limit", message, "part_b")
    if facts.part_b:
        yield from layout.findings(facts.part_b_measures, facts.topic.layout)


def _blocks(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.BLOCKS, "domain.md 6")


def _warns(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.WARNS, "domain.md 4, 6")
