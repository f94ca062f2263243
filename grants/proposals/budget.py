"""The budget by its parts: computed amounts, shares of lump sums, co-financing, and what is missing or wrong. Pure.

Direct, indirect and total costs and the contribution: see ``rules.budget_row``. A finding's place is the field of the
page: ``budget.PARTICIPANT.FIELD`` with the names that ``*_field`` give. Source: domain.md 6, 7, 15.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from grants.calls.states import CostModel
from grants.kernel.findings import Finding, Severity
from grants.kernel.money import LARGEST, ZERO, cents, total
from grants.proposals.rules import Category, ParticipantFacts, TopicRules, budget_row, requested_total

#: Fields of a participant's row beside those of categories and work packages.
PLAIN_FIELDS = ("rate", "requested", "own_contribution", "income")
_WORDS = {"requested": "requested contribution", "own_contribution": "own contribution", "income": "income"}


def quantity_field(code: str) -> str:
    """The field for person-months or units of a category."""
    return f"{code}.quantity"


def reason_field(code: str) -> str:
    """The field for why costs of a category are needed."""
    return f"{code}.justification"


def share_field(package: int) -> str:
    """The field for the share in a work package, counted from 1."""
    return f"share.{package}"


def moved_packages(before: Sequence[str], after: Sequence[str]) -> dict[int, int | None]:
    """The new number of each work package, from the titles before and after a change of their list; None: removed.

    A package is known by its title; where titles changed in place, by its place among its neighbours.

    >>> moved_packages(["Manage", "Build", "Tell"], ["Manage", "Tell the world"])
    {1: 1, 2: 2, 3: None}
    >>> moved_packages(["Manage", "Build", "Tell"], ["Manage", "Tell"])
    {1: 1, 2: None, 3: 2}
    """
    moves: dict[int, int | None] = {}
    for _, first, last, there, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for step in range(last - first):
            moves[first + step + 1] = there + step + 1 if there + step < end else None
    return moves


@dataclass(frozen=True, slots=True)
class LumpSum:
    """A lump sum shared out: by work package, by participant, and the whole, in euro."""

    by_package: Mapping[int, Decimal]
    by_participant: Mapping[int, Decimal]
    whole: Decimal


def computed(
    given: Mapping[str, Decimal | None], quantities: Mapping[str, Decimal | None], categories: Iterable[Category]
) -> dict[str, Decimal | None]:
    """Amounts by category: where the topic sets the cost of a unit, what was counted times that, to the cent; else
    what was given. None for what is no amount, or more than can be kept.

    >>> category = Category("LIVING", "Living allowance", "month", Decimal("5990.00"))
    >>> computed({}, {"LIVING": Decimal("1.5")}, [category])
    {'LIVING': Decimal('8985.00')}
    """
    amounts = dict(given)
    for each in categories:
        if each.unit_cost is None:
            continue
        counted = quantities.get(each.code, ZERO)
        amount = None if counted is None else cents(counted * each.unit_cost)
        amounts[each.code] = None if amount is None or amount > LARGEST else amount
    return amounts


def lump_sum(participants: Sequence[ParticipantFacts], packages: int) -> LumpSum:
    """The sums of all shares, also of work packages that are not in the list any more."""
    numbers = {*range(1, packages + 1), *(number for each in participants for number in each.shares)}
    by_package = {
        number: total(each.shares.get(number) or ZERO for each in participants) for number in sorted(numbers)
    }
    by_participant = {each.id: total(share or ZERO for share in each.shares.values()) for each in participants}
    return LumpSum(by_package, by_participant, total(by_participant.values()))


def findings(participants: Sequence[ParticipantFacts], topic: TopicRules) -> list[Finding]:
    """What is missing or wrong in the budget, by participant in their order, then in the whole."""
    found: list[Finding] = []
    for each in participants:
        found += _not_read(each, topic)
        found += _of_categories(each, topic)
        found += _of_shares(each, topic)
        found += _of_funding(each, topic)
    return [*found, *_of_whole(participants, topic)]


def _not_read(row: ParticipantFacts, topic: TopicRules) -> Iterator[Finding]:
    """Text that is no amount, each at its place."""
    for field, words in row_labels(topic).items():
        if field in row.wrong or (field in row.amounts and row.amounts[field] is None):
            message = f"{row.name}, {words}: use digits only, for example 48500."
            yield _finding("not-an-amount", message, row, field)
    if "rate" in row.wrong:
        most = "" if topic.most_rate is None else f" The topic pays at most {topic.most_rate.normalize():f} %."
        message = f"{row.name}, funding rate: use a number of per cent, for example 90.{most}"
        yield _finding("not-an-amount", message, row, "rate")


def row_labels(topic: TopicRules) -> dict[str, str]:
    """The fields in which a row takes numbers, with what they are called, in the order of the page."""
    labels: dict[str, str] = {}
    for each in topic.categories:
        if each.unit_cost is None:
            labels[each.code] = f"{each.code}. {each.name}"
        if each.unit:
            labels[quantity_field(each.code)] = f"{each.code}. {each.name}, {each.unit}s"
    if topic.cost_model is CostModel.LUMP_SUM:
        labels |= {share_field(n): f"WP{n} {title}".strip() for n, title in enumerate(topic.packages, 1)}
    return labels | _WORDS


def _of_categories(row: ParticipantFacts, topic: TopicRules) -> Iterator[Finding]:
    for each in topic.categories:
        amount = row.amounts.get(each.code)
        if not amount:
            continue
        if each.justify and not row.justifications.get(each.code, "").strip():
            message = f"{row.name}, {each.code}: say why the costs of {each.name.lower()} are needed."
            yield _finding("no-justification", message, row, reason_field(each.code))
        if each.unit and each.unit_cost is None and not row.quantities.get(each.code, ZERO):
            field = quantity_field(each.code)
            if field not in row.wrong:
                message = f"{row.name}, {each.code}: enter the {each.unit}s behind the costs."
                yield _finding("no-quantity", message, row, field, Severity.WARNS)


def _of_shares(row: ParticipantFacts, topic: TopicRules) -> Iterator[Finding]:
    if topic.cost_model is not CostModel.LUMP_SUM:
        return
    shared = total(share for share in row.shares.values() if share is not None)
    if shared and not row.paid:
        message = f"{row.name} is an associated partner, who gets no money: take its shares out."
        yield _finding("share-of-associated", message, row, share_field(min(row.shares)))
        return
    most = budget_row(row, topic).ceiling
    if shared > most:
        message = f"{row.name}: the shares are {shared:,.2f} euro; the estimated costs allow {most:,.2f}."
        yield _finding("share-over-estimate", message, row, share_field(min(row.shares)), Severity.WARNS)
    lost = [number for number, share in row.shares.items() if share and number > len(topic.packages)]
    if lost:
        message = f"{row.name} has a share in work package {lost[0]}, which is not in the list any more."
        yield _finding("share-without-package", message, row, share_field(lost[0]))


def _of_funding(row: ParticipantFacts, topic: TopicRules) -> Iterator[Finding]:
    """Total costs = EU contribution + own means + income (domain.md 7: co-financing must be shown)."""
    sums = budget_row(row, topic)
    if topic.cost_model is not CostModel.LUMP_SUM and row.requested is not None and row.requested > sums.ceiling:
        message = f"{row.name} asks for more than its rate and income allow; only the allowed part counts."
        yield _finding("request-over-rate", message, row, "requested", Severity.WARNS)
    if not row.paid or not sums.total or topic.cost_model is CostModel.LUMP_SUM:
        return
    if sums.uncovered > 0:
        message = f"{row.name}: say where the other {sums.uncovered:,.2f} euro of its costs come from."
        yield _finding("not-covered", message, row, "own_contribution", Severity.WARNS)
    elif sums.uncovered < 0:
        message = f"{row.name}: contribution, own means and income exceed its costs by {-sums.uncovered:,.2f} euro."
        yield _finding("covered-twice", message, row, "own_contribution", Severity.WARNS)


def _of_whole(participants: Sequence[ParticipantFacts], topic: TopicRules) -> Iterator[Finding]:
    asked = requested_total(participants, topic)
    if participants and asked == 0:
        missing = "the shares" if topic.cost_model is CostModel.LUMP_SUM else "the costs"
        yield Finding("no-budget", f"Enter {missing}: nothing is asked for yet.", "budget", source="domain.md 6")
    if topic.cost_model is CostModel.LUMP_SUM and topic.max_grant is not None:
        whole = lump_sum(participants, len(topic.packages)).whole
        if whole > topic.max_grant:
            message = f"The shares are {whole:,.2f} euro together, {topic.max_grant:,.2f} is the largest grant."
            yield Finding("shares-over-grant", message, "budget", Severity.WARNS, "domain.md 6, 7")


def _finding(
    code: str, message: str, row: ParticipantFacts, field: str, severity: Severity = Severity.BLOCKS
) -> Finding:
    return Finding(code, message, f"budget.{row.id}.{field}", severity, "domain.md 6, 7")
