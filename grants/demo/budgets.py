"""Budgets that obey a topic's rules: rate, indirect costs, the largest grant. Pure; sums by ``proposals.rules``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

from grants.calls.templates import catalogue
from grants.demo.people import OrganisationRow
from grants.kernel.money import HUNDRED
from grants.organisations.states import OrganisationKind
from grants.proposals.budget import quantity_field, reason_field
from grants.proposals.rules import ParticipantFacts, TopicRules, budget_row, requested_total
from grants.proposals.states import ParticipantRole

Costs = tuple[tuple[str, Decimal], ...]
#: Least and largest share of the direct costs by category; what is left is personnel.
_SHARES = {"B": (0.0, 0.05), "C1": (0.06, 0.13), "C2": (0.01, 0.06), "C3": (0.04, 0.1)}
#: Why a category is needed, where the topic asks.
_REASONS = {
    "B": (
        "Interpreters and an accredited laboratory, which no partner has; chosen by offers for the best value.",
        "The yearly test by an outside body, so that the partners do not judge their own work.",
        "Hosting in a certified data centre for the pilots; three offers are compared.",
    ),
    "C2": (
        "Servers and workstations for the pilots, counted by the share of their life that falls into the project.",
        "Two measuring devices for the field trials; those at hand are needed for daily work.",
        "Encrypted storage for the material of the trials, which may not leave the premises.",
    ),
}
_EQUIPPED = {OrganisationKind.PRC, OrganisationKind.REC}


def draw(
    template: str, rows: Sequence[OrganisationRow], roles: Sequence[ParticipantRole], *, most: Decimal, rng: Random
) -> list[tuple[Costs, Decimal | None]]:
    """Costs in whole hundreds, and the request, of each participant; together 72 to 98 % of ``most``, never more."""
    rules, rates = _rules(template), [_rate(template, row) for row in rows]
    weights = [rng.uniform(0.6, 1.2) * (1.6 if role is ParticipantRole.COORDINATOR else 1) for role in roles]
    paid = [role is not ParticipantRole.ASSOCIATED for role in roles]
    whole = sum(weight for weight, pays in zip(weights, paid, strict=True) if pays)
    asked = float(most) * rng.uniform(0.72, 0.98)
    costs: list[Costs] = []
    for row, weight, rate, pays in zip(rows, weights, rates, paid, strict=True):
        direct = asked * weight / whole / (float(rate) / 100) / (1 + float(rules.indirect_rate) / 100)
        costs.append(_costs(direct, row.kind, rng=rng) if pays else ())
    facts = [_facts(index, *each) for index, each in enumerate(zip(rows, roles, rates, costs, strict=True))]
    if requested_total(facts, rules) > most:  # rounding took it over the edge
        return draw(template, rows, roles, most=most, rng=rng)
    return [(own, _request(fact, rules, rng=rng)) for own, fact in zip(costs, facts, strict=True)]


def behind(
    template: str, row: OrganisationRow, role: ParticipantRole, costs: Costs, requested: Decimal | None, *, seed: str
) -> tuple[tuple[str, str], ...]:
    """What stands behind the costs, by field: person-months, reasons where the topic asks them, own contribution.

    Drawn from ``seed`` alone, so that what else is drawn stays as it was.
    """
    rng, rules, amounts = Random(seed), _rules(template), dict(costs)  # noqa: S311 a demo, not a secret
    fact = replace(_facts(0, row, role, _rate(template, row), costs), requested=requested)
    fields: list[tuple[str, str]] = []
    for each in catalogue().template(template)["budget"]["categories"]:
        if each["code"] not in amounts:
            continue
        if each.get("unit"):
            fields.append((quantity_field(each["code"]), str(_months(amounts[each["code"]], rng=rng))))
        if each.get("justify"):
            fields.append((reason_field(each["code"]), rng.choice(_REASONS.get(each["code"], _REASONS["B"]))))
    sums = budget_row(fact, rules)
    if fact.paid and sums.uncovered:
        fields.append(("own_contribution", str(sums.uncovered)))
    return tuple(fields)


def _months(amount: Decimal, *, rng: Random) -> Decimal:
    """Half months at a salary between 4,200 and 7,800 euro; at least half a month."""
    return max(Decimal("0.5"), Decimal(round(float(amount) / rng.uniform(4200, 7800) * 2)) / 2)


def _rules(template: str) -> TopicRules:
    values = catalogue().template(template)["budget"]
    base = frozenset(each["code"] for each in values["categories"] if each.get("indirect_base"))
    return TopicRules(indirect_rate=Decimal(values["indirect_rate"]), indirect_base=base)


def _rate(template: str, row: OrganisationRow) -> Decimal:
    values = catalogue().template(template)["budget"]
    nonprofit = values["nonprofit_rate"] if row.kind is not OrganisationKind.PRC else None
    return Decimal(nonprofit or values["funding_rate"])


def _costs(direct: float, kind: OrganisationKind, *, rng: Random) -> Costs:
    shares = {code: rng.uniform(*limits) for code, limits in _SHARES.items()}
    if kind in _EQUIPPED:
        shares["C2"] *= 2
    if rng.random() < 0.6:
        shares["B"] = 0
    amounts = {"A": direct * (1 - sum(shares.values())), **{code: direct * share for code, share in shares.items()}}
    return tuple((code, Decimal(int(euro) // 100 * 100)) for code, euro in amounts.items() if euro >= 100)


def _facts(index: int, row: OrganisationRow, role: ParticipantRole, rate: Decimal, costs: Costs) -> ParticipantFacts:
    return ParticipantFacts(
        id=index, organisation=index, name=row.short, country=row.country, role=role, funding_rate=rate,
        amounts=dict(costs),
    )  # fmt: skip


def _request(fact: ParticipantFacts, rules: TopicRules, *, rng: Random) -> Decimal | None:
    """Some ask for less than they may, in round thousands; where the rate is 100 % nobody does."""
    if fact.funding_rate == HUNDRED or rng.random() < 0.7:
        return None
    return budget_row(fact, rules).ceiling // 1000 * 1000
