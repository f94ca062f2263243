"""What a topic's rules find in a proposal: met, not met, or not to be said yet, each with the facts. Pure.

The kinds of rules and their parameters are in ``grants.calls.eligibility``. Source: domain.md 4, 6, 7, 15.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from grants.calls.eligibility import UNNAMED, Rule
from grants.calls.parta.answers import values_of
from grants.calls.parta.definition import Form, common_names
from grants.calls.parta.expressions import Value, condition, evaluate
from grants.kernel.findings import Finding, Severity
from grants.kernel.money import HUNDRED, percentage
from grants.organisations.rules import iso_country
from grants.organisations.states import OrganisationKind
from grants.proposals.naming import Mentions
from grants.proposals.states import ParticipantRole

COUNTING = frozenset({ParticipantRole.COORDINATOR, ParticipantRole.BENEFICIARY})
PAID = COUNTING | {ParticipantRole.AFFILIATED}
MEMBERS = "EU"


@dataclass(frozen=True, slots=True)
class Party:
    """One participant as the rules see it. ``country``: as typed; EL counts as GR."""

    organisation: int
    name: str
    pic: str
    country: str
    kind: OrganisationKind
    role: ParticipantRole
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that rules look at. Money in euro; ``costs``: by category, of all participants together.

    ``limits``: of the topic, by name (``max_grant``, ``page_limit`` …), unset ones missing. ``same_person`` and
    ``same_coordinator``: other proposals to the topic that count, by its main contact and its coordinator.
    ``answers``: by section and field, as typed. ``annexes``: codes of those uploaded. ``mentions``: where it names
    participants, None where nobody looks.
    """

    parties: tuple[Party, ...]
    groups: Mapping[str, frozenset[str]]
    limits: Mapping[str, Any]
    form: Form
    answers: Mapping[str, Mapping[str, Any]]
    costs: Mapping[str, Decimal]
    total: Decimal
    requested: Decimal
    duration_months: int | None
    part_b_pages: int | None
    annexes: frozenset[str]
    same_person: int = 0
    same_coordinator: int = 0
    mentions: Mentions | None = None

    @property
    def coordinator(self) -> Party | None:
        """The coordinating organisation."""
        return next((each for each in self.parties if each.role is ParticipantRole.COORDINATOR), None)

    def values(self) -> dict[str, Value]:
        """What conditions may name."""
        months = self.duration_months
        facts: dict[str, Value] = {
            "duration_months": None if months is None else Decimal(months),
            "participant_count": Decimal(len(self.parties)), "total_costs": self.total, "requested": self.requested,
        }  # fmt: skip
        return values_of(self.form, self.answers, facts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found. ``met``: None where the proposal does not say enough yet (what is missing is reported by
    its own finding). ``why``: the facts, in a sentence."""

    rule: Rule
    met: bool | None
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """For a submitted version, which keeps what its rules found."""
        return {
            "key": self.rule.key, "rule": self.rule.kind.key, "severity": self.rule.severity.value,
            "citation": self.rule.citation, "words": self.rule.words, "met": self.met, "why": self.why,
        }  # fmt: skip


def outcomes(rules: Sequence[Rule], case: Case) -> list[Outcome]:
    """Each rule with what it finds, in the topic's order."""
    return [Outcome(rule, *_JUDGES[rule.kind.key](rule.given, case)) for rule in rules]


def eligibility_findings(rules: Sequence[Rule], case: Case) -> list[Finding]:
    """The rules that are not met, as findings where they can be mended."""
    return unmet(outcomes(rules, case), case)


def unmet(found: Sequence[Outcome], case: Case) -> list[Finding]:
    """The same of outcomes that are known."""
    return [_finding(each, case) for each in found if each.met is False]


def waiting(found: Sequence[Outcome], case: Case) -> list[Finding]:
    """What cannot be said yet for a reason that the applicants should know."""
    return [
        Finding(f"rule-{each.rule.key}-waits", each.why, _place(each.rule, case), Severity.WARNS, each.rule.citation)
        for each in found if each.met is None and each.why
    ]  # fmt: skip


def _finding(outcome: Outcome, case: Case) -> Finding:
    rule = outcome.rule
    text = " ".join(part for part in (rule.message or rule.words, outcome.why) if part)
    return Finding(f"rule-{rule.key}", text, _place(rule, case), rule.severity, rule.citation)


_PLACES = {
    "largest_grant": "budget", "smallest_grant": "budget", "share_of_costs": "budget", "own_contribution": "budget",
    "longest_duration": "general.duration_months", "shortest_duration": "general.duration_months",
    "page_limit": "part_b", "annex": "annex", "one_per_person": "submit",
}  # fmt: skip


def _place(rule: Rule, case: Case) -> str:
    if rule.kind.key == UNNAMED and case.mentions:
        return case.mentions.place
    names: frozenset[str] = frozenset()
    if rule.kind.key == "declaration":
        names = frozenset({rule.given["field"]})
    elif rule.kind.key == "condition":
        names = condition(rule.given["holds"], common_names(case.form)).names
    for section, field in case.form.fields():
        if field.key in names:
            return f"sections.{section.key}.{field.key}"
    return _PLACES.get(rule.kind.key, "consortium")


Judged = tuple[bool | None, str]


def _countries(names: Sequence[str], case: Case) -> frozenset[str]:
    return frozenset().union(*(case.groups.get(name, frozenset({iso_country(name)})) for name in names))


def _from(party: Party, names: Sequence[str], case: Case) -> bool:
    return iso_country(party.country) in _countries(names, case)


def _consortium(given: Mapping[str, Any], case: Case) -> Judged:
    """Affiliated entities and associated partners do not count; of one organisation, one entry."""
    counting = [each for each in case.parties if each.role in COUNTING]
    if given["countries"]:
        counting = [each for each in counting if _from(each, given["countries"], case)]
    entities = len({each.organisation for each in counting})
    countries = {iso_country(each.country) for each in counting}
    members = len(countries & case.groups[MEMBERS])
    met = (
        entities >= given["entities"]
        and len(countries) >= given["countries_at_least"]
        and members >= given["members"]
    )
    return met, f"There are {entities} from {len(countries)}, {members} of these countries in the EU."


def _eligible_countries(given: Mapping[str, Any], case: Case) -> Judged:
    outside = [each.name for each in case.parties if each.role in PAID and not _from(each, given["countries"], case)]
    return not outside, f"Not from there: {', '.join(outside)}." if outside else ""


def _third_countries(given: Mapping[str, Any], case: Case) -> Judged:
    counting = [each for each in case.parties if each.role in COUNTING]
    inside = {each.organisation for each in counting if _from(each, given["countries"], case)}
    entities = {each.organisation for each in counting}
    if entities <= inside:
        return True, ""
    met = len(entities) >= given["entities"] and len(inside) >= given["members"]
    return met, f"There are {len(entities)}, {len(inside)} of them from there."


def _participant_type(given: Mapping[str, Any], case: Case) -> Judged:
    flags = set(given["flags"])
    found = {
        each.organisation for each in case.parties
        if each.role in COUNTING and (each.kind in given["kinds"] or each.flags & flags)
    }  # fmt: skip
    return len(found) >= given["at_least"], f"There are {len(found)}."


def _excluded_type(given: Mapping[str, Any], case: Case) -> Judged:
    wrong = [each.name for each in case.parties if each.role in PAID and each.kind in given["kinds"]]
    return not wrong, f"Of this type: {', '.join(wrong)}." if wrong else ""


def _coordinator_type(given: Mapping[str, Any], case: Case) -> Judged:
    chief = case.coordinator
    return (None, "") if chief is None else (chief.kind in given["kinds"], f"{chief.name} is of type {chief.kind}.")


def _coordinator_country(given: Mapping[str, Any], case: Case) -> Judged:
    chief = case.coordinator
    if chief is None:
        return None, ""
    return _from(chief, given["countries"], case), f"{chief.name} is in {iso_country(chief.country)}."


def _named_bodies(given: Mapping[str, Any], case: Case) -> Judged:
    chief = case.coordinator
    return (None, "") if chief is None else (chief.pic in given["pics"], f"{chief.name} has PIC {chief.pic}.")


def _largest_grant(_: Mapping[str, Any], case: Case) -> Judged:
    limit = case.limits["max_grant"]
    return case.requested <= limit, f"You ask for {case.requested:,.2f} euro, {limit:,.2f} is the most."


def _smallest_grant(_: Mapping[str, Any], case: Case) -> Judged:
    limit = case.limits["min_grant"]
    if not case.requested:
        return None, ""
    return case.requested >= limit, f"You ask for {case.requested:,.2f} euro, {limit:,.2f} is the least."


def _longest(_: Mapping[str, Any], case: Case) -> Judged:
    limit, months = case.limits["max_months"], case.duration_months
    return (None, "") if not months else (months <= limit, f"You plan {months} months, {limit} is the most.")


def _shortest(_: Mapping[str, Any], case: Case) -> Judged:
    limit, months = case.limits["min_months"], case.duration_months
    return (None, "") if not months else (months >= limit, f"You plan {months} months, {limit} is the least.")


def _page_limit(_: Mapping[str, Any], case: Case) -> Judged:
    limit, pages = case.limits["page_limit"], case.part_b_pages
    if pages is None:
        return None, ""
    return pages <= limit, f"Part B has {pages} pages, the limit is {limit}: pages after it are not read, shorten it."


def _share(given: Mapping[str, Any], case: Case) -> Judged:
    if not case.total:
        return None, ""
    part = sum((case.costs.get(code, Decimal(0)) for code in given["categories"]), Decimal(0))
    limit = percentage(case.total, Decimal(str(given["at_most"])))
    return part <= limit, f"They are {part:,.2f} of {case.total:,.2f} euro, {limit:,.2f} is the most."


def _own_contribution(given: Mapping[str, Any], case: Case) -> Judged:
    if not case.total:
        return None, ""
    own, needed = case.total - case.requested, percentage(case.total, Decimal(str(given["at_least"])))
    share = (own * HUNDRED / case.total).quantize(Decimal("0.1"))
    return own >= needed, f"It is {share:f} %."


def _one_per_person(_: Mapping[str, Any], case: Case) -> Judged:
    return not case.same_person, "The main contact has another proposal here." if case.same_person else ""


def _one_per_coordinator(given: Mapping[str, Any], case: Case) -> Judged:
    if case.coordinator is None:
        return None, ""
    count = case.same_coordinator + 1
    return count <= given["at_most"], f"{case.coordinator.name} coordinates {count}."


def _declaration(given: Mapping[str, Any], case: Case) -> Judged:
    value = case.values().get(given["field"])
    return (None, "") if value is None else (value is True, "")


def _annex(given: Mapping[str, Any], case: Case) -> Judged:
    return given["annex"] in case.annexes, ""


def _unnamed(_: Mapping[str, Any], case: Case) -> Judged:
    return (None, "") if case.mentions is None else (case.mentions.unnamed, case.mentions.sentence)


def _condition(given: Mapping[str, Any], case: Case) -> Judged:
    value = evaluate(condition(given["holds"], common_names(case.form)), case.values())
    return (value if isinstance(value, bool) else None), ""


_JUDGES: Mapping[str, Callable[[Mapping[str, Any], Case], Judged]] = {
    "consortium": _consortium, "eligible_countries": _eligible_countries, "third_countries": _third_countries,
    "participant_type": _participant_type, "excluded_type": _excluded_type, "coordinator_type": _coordinator_type,
    "coordinator_country": _coordinator_country, "named_bodies": _named_bodies, "largest_grant": _largest_grant,
    "smallest_grant": _smallest_grant, "longest_duration": _longest, "shortest_duration": _shortest,
    "page_limit": _page_limit, "share_of_costs": _share, "own_contribution": _own_contribution,
    "one_per_person": _one_per_person, "one_per_coordinator": _one_per_coordinator, "declaration": _declaration,
    "annex": _annex, "condition": _condition, UNNAMED: _unnamed,
}  # fmt: skip
JUDGED = frozenset(_JUDGES)


def worst(found: Sequence[Outcome]) -> Severity | None:
    """The gravest severity among rules that are not met; None where all are met or open."""
    order = (Severity.BLOCKS, Severity.OFFICER, Severity.WARNS)
    severities = {each.rule.severity for each in found if each.met is False}
    return next((severity for severity in order if severity in severities), None)
