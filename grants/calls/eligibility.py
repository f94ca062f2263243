"""Eligibility and admissibility rules of a topic as data: their kinds, what each takes, what is wrong. Pure.

A rule is JSON: ``{"rule": kind, "key": its own name, "severity": …, "citation": …, "message": …, "with": {…}}``. What
a rule finds in a proposal is computed by ``grants.proposals.eligibility``; a test holds both lists of kinds equal.
Source: domain.md 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from grants.calls.parta.definition import FieldKind, Form, common_names
from grants.calls.parta.expressions import Wrong, condition, names_in
from grants.kernel.findings import Finding, Severity
from grants.organisations.rules import is_pic
from grants.organisations.states import OrganisationKind


class Takes(StrEnum):
    """What a parameter of a rule holds."""

    WHOLE = "a whole number"
    PERCENT = "a number of per cent"
    COUNTRIES = "countries or groups of countries"
    KINDS = "types of organisation"
    FLAGS = "marks of organisations"
    PICS = "PICs"
    CATEGORIES = "cost categories"
    FIELD = "a yes-or-no question of the form"
    ANNEX = "an annex of the topic"
    EXPRESSION = "a condition"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a rule is told. ``default``: None where it must be given."""

    name: str
    takes: Takes
    label: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A kind of rule. ``says``: the rule in words, from its parameters. ``needs``: limits of the topic that must be
    set, or it has nothing to judge by. ``vague``: its parameters tell people less than its message."""

    key: str
    title: str
    parameters: tuple[Parameter, ...]
    says: Callable[[Mapping[str, Any]], str]
    needs: tuple[str, ...] = ()
    vague: bool = False


#: Limits that a topic may set, in words; rules judge by them.
LIMITS: Mapping[str, str] = {
    "max_grant": "largest grant", "min_grant": "smallest grant", "max_months": "longest duration",
    "min_months": "shortest duration", "page_limit": "page limit of Part B", "naming": "blind evaluation",
}  # fmt: skip
#: The kind of rule that asks a blind proposal to name no participant.
UNNAMED = "unnamed"
#: Marks of an organisation that rules may ask for, in words.
FLAGS: Mapping[str, str] = {
    "public_body": "public body", "nonprofit": "non-profit body", "law_enforcement": "law enforcement authority",
    "international": "international organisation", "sme": "small or medium-sized enterprise",
}  # fmt: skip
_WHO = Parameter("countries", Takes.COUNTRIES, "Countries that count", ())


def _listed(values: Sequence[Any]) -> str:
    words = [str(each) for each in values]
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else "".join(words)


def _types(given: Mapping[str, Any]) -> list[str]:
    return [*given["kinds"], *(FLAGS[each] for each in given["flags"])]


def _consortium_says(given: Mapping[str, Any]) -> str:
    text = f"At least {given['entities']} independent organisations from {given['countries_at_least']} countries"
    if given["countries"]:
        text += f" ({_listed(given['countries'])})"
    return f"{text}, at least {given['members']} of them in the EU." if given["members"] else f"{text}."


_ALL = (
    RuleKind(
        "consortium", "Size of the consortium",
        (
            Parameter("entities", Takes.WHOLE, "Fewest independent organisations", 1),
            Parameter("countries_at_least", Takes.WHOLE, "From how many countries at least", 1),
            Parameter("members", Takes.WHOLE, "Of them at least in EU Member States", 0), _WHO,
        ),
        _consortium_says,
    ),
    RuleKind(
        "eligible_countries", "Countries that may receive money",
        (Parameter("countries", Takes.COUNTRIES, "Eligible countries"),),
        lambda given: f"Organisations that receive money come from {_listed(given['countries'])}.",
    ),
    RuleKind(
        "third_countries", "Third countries only beside Member States",
        (
            Parameter("countries", Takes.COUNTRIES, "Countries that may apply without a partner"),
            Parameter("entities", Takes.WHOLE, "Fewest independent organisations", 2),
            Parameter("members", Takes.WHOLE, "Of them at least in those countries", 1),
        ),
        lambda given: (
            f"Organisations from outside {_listed(given['countries'])} take part only in a consortium of at least "
            f"{given['entities']}, at least {given['members']} of them from there."
        ),
    ),
    RuleKind(
        "participant_type", "A participant of a certain type",
        (
            Parameter("kinds", Takes.KINDS, "Types of organisation", ()),
            Parameter("flags", Takes.FLAGS, "Or with one of these marks", ()),
            Parameter("at_least", Takes.WHOLE, "How many at least", 1),
        ),
        lambda given: f"At least {given['at_least']} participant of type {_listed(_types(given))}.",
    ),
    RuleKind(
        "excluded_type", "Types that cannot receive money",
        (Parameter("kinds", Takes.KINDS, "Types of organisation"),),
        lambda given: f"Organisations of type {_listed(given['kinds'])} cannot receive money.",
    ),
    RuleKind(
        "coordinator_type", "Type of the coordinator",
        (Parameter("kinds", Takes.KINDS, "Types of organisation"),),
        lambda given: f"The coordinator is of type {_listed(given['kinds'])}.",
    ),
    RuleKind(
        "coordinator_country", "Country of the coordinator",
        (Parameter("countries", Takes.COUNTRIES, "Countries"),),
        lambda given: f"The coordinator comes from {_listed(given['countries'])}.",
    ),
    RuleKind(
        "named_bodies", "Only named organisations",
        (Parameter("pics", Takes.PICS, "PICs of the organisations"),),
        lambda given: f"Only the organisations with PIC {_listed(given['pics'])} may coordinate.",
    ),
    RuleKind(
        "largest_grant", "Largest grant", (), lambda _: "The contribution is not above the largest grant.",
        ("max_grant",),
    ),
    RuleKind(
        "smallest_grant", "Smallest grant", (), lambda _: "The contribution is not below the smallest grant.",
        ("min_grant",),
    ),
    RuleKind(
        "longest_duration", "Longest duration", (), lambda _: "The project is not longer than the topic allows.",
        ("max_months",),
    ),
    RuleKind(
        "shortest_duration", "Shortest duration", (), lambda _: "The project is not shorter than the topic asks.",
        ("min_months",),
    ),
    RuleKind(
        "page_limit", "Page limit of Part B", (), lambda _: "Part B keeps to the page limit.",
        ("page_limit",),
    ),
    RuleKind(
        UNNAMED, "No participant is named", (),
        lambda _: "Name no participant in title, abstract or Part B: experts judge without knowing who applies.",
        ("naming",),
    ),
    RuleKind(
        "share_of_costs", "Largest share of some costs",
        (
            Parameter("categories", Takes.CATEGORIES, "Cost categories"),
            Parameter("at_most", Takes.PERCENT, "Largest share of all costs, %"),
        ),
        lambda given: f"Of all costs, at most {given['at_most']} % are in category {_listed(given['categories'])}.",
    ),
    RuleKind(
        "own_contribution", "Smallest part paid from elsewhere",
        (Parameter("at_least", Takes.PERCENT, "Smallest share of all costs, %"),),
        lambda given: f"At least {given['at_least']} % of the costs are paid from own or other money.",
    ),
    RuleKind(
        "one_per_person", "One proposal per person", (),
        lambda _: "A person is main contact of one proposal to this topic only.",
    ),
    RuleKind(
        "one_per_coordinator", "One proposal per coordinator",
        (Parameter("at_most", Takes.WHOLE, "How many at most", 1),),
        lambda given: f"An organisation coordinates at most {given['at_most']} proposal to this topic.",
    ),
    RuleKind(
        "declaration", "A declaration that must be made",
        (Parameter("field", Takes.FIELD, "Question that must be answered with yes"),),
        lambda _: "The declaration is made.", vague=True,
    ),
    RuleKind(
        "annex", "A mandatory annex",
        (Parameter("annex", Takes.ANNEX, "Annex"),),
        lambda given: f"The annex “{given['annex']}” is uploaded.",
    ),
    RuleKind(
        "condition", "A condition over answers",
        (Parameter("holds", Takes.EXPRESSION, "What must hold"),),
        lambda given: f"This holds: {given['holds']}.", vague=True,
    ),
)  # fmt: skip
KINDS: Mapping[str, RuleKind] = {kind.key: kind for kind in _ALL}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a topic, its parameters complete. ``message``: what applicants are told where it is not met."""

    key: str
    kind: RuleKind
    severity: Severity
    citation: str
    message: str
    given: Mapping[str, Any]

    @property
    def words(self) -> str:
        """The rule for people, as the topic's page shows it."""
        return self.message if self.kind.vague and self.message else self.kind.says(self.given)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rules of a topic may refer to."""

    form: Form
    categories: frozenset[str]
    annexes: frozenset[str]
    groups: frozenset[str]
    limits: frozenset[str]


def rule_of(data: Mapping[str, Any]) -> Rule:
    """The rule of its JSON, which was found good. Raises KeyError for an unknown kind."""
    kind = KINDS[data["rule"]]
    given = {each.name: data.get("with", {}).get(each.name, each.default) for each in kind.parameters}
    return Rule(
        key=data.get("key") or kind.key, kind=kind, severity=Severity(data.get("severity", "officer")),
        citation=data.get("citation", ""), message=data.get("message", ""), given=given,
    )  # fmt: skip


def rules_of(data: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """All rules of a topic."""
    return tuple(rule_of(each) for each in data)


#: What is asked by a limit alone, where the topic has no rule of that kind.
_IMPLIED = {
    "largest_grant": Severity.WARNS, "smallest_grant": Severity.WARNS, "longest_duration": Severity.BLOCKS,
    "shortest_duration": Severity.BLOCKS, "page_limit": Severity.WARNS, UNNAMED: Severity.WARNS,
}  # fmt: skip


def with_implied(data: Sequence[Mapping[str, Any]], limits: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The topic's rules, and one for each limit that it sets without a rule. ``limits``: by name, unset ones None."""
    stated = {each["rule"] for each in data}
    severities = _IMPLIED | ({UNNAMED: Severity.BLOCKS} if limits.get("naming") == "block" else {})
    implied = [
        Rule(key=kind.key, kind=kind, severity=severity, citation="Call document", message="", given={})
        for kind, severity in ((KINDS[key], severity) for key, severity in severities.items() if key not in stated)
        if all(limits.get(need) is not None for need in kind.needs)
    ]
    return (*rules_of(data), *implied)


def rule_findings(data: Sequence[Mapping[str, Any]], around: Surroundings) -> list[Finding]:
    """Everything wrong with a topic's rules: unknown kinds, wrong types, references to what is not there. Each names
    the rule; places are ``eligibility.<index>.with.<parameter>``."""
    found: list[Finding] = []
    keys = Counter(each.get("key") or each.get("rule") for each in data)
    for index, each in enumerate(data):
        name, place = str(each.get("key") or each.get("rule")), f"eligibility.{index}"
        if keys[name] > 1:
            found.append(_wrong("key-twice", name, "has the same key as another: give each its own", f"{place}.key"))
        kind = KINDS.get(str(each.get("rule")))
        if kind is None:
            found.append(_wrong("unknown-rule", name, f"is of no known kind: “{each.get('rule')}”", f"{place}.rule"))
            continue
        found += _parameters(name, kind, each.get("with", {}), around, place)
        for limit in kind.needs:
            if limit not in around.limits:
                problem = f"judges by the {LIMITS[limit]}, which the topic does not set"
                found.append(_wrong("no-limit", name, problem, place))
    return found


def _parameters(
    name: str, kind: RuleKind, given: Mapping[str, Any], around: Surroundings, place: str
) -> Iterator[Finding]:
    known = {each.name for each in kind.parameters}
    for extra in sorted(set(given) - known):
        yield _wrong("unknown-parameter", name, f"is told “{extra}”, which it does not know", f"{place}.with.{extra}")
    for each in kind.parameters:
        value = given.get(each.name, each.default)
        if value is None:
            yield _wrong("missing", name, f"needs {each.takes.value} as “{each.name}”", f"{place}.with.{each.name}")
        elif problem := _problem(each, value, around):
            yield _wrong("wrong-value", name, problem, f"{place}.with.{each.name}")


def _problem(parameter: Parameter, value: Any, around: Surroundings) -> str | None:
    """What is wrong with one value, completing a sentence about the rule."""
    kind = parameter.takes
    wrong = f"needs {kind.value} as “{parameter.name}”, not “{value}”"
    if kind is Takes.WHOLE:
        return None if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else wrong
    if kind is Takes.PERCENT:
        right = isinstance(value, int | Decimal | str) and not isinstance(value, bool)
        return None if right and _percent(str(value)) else wrong
    if kind in (Takes.COUNTRIES, Takes.KINDS, Takes.FLAGS, Takes.PICS, Takes.CATEGORIES):
        return _list_problem(parameter, value, around) if isinstance(value, list | tuple) else wrong
    if not isinstance(value, str):
        return wrong
    return _reference_problem(kind, value, around)


def _percent(text: str) -> bool:
    try:
        return 0 <= Decimal(text) <= 100
    except ArithmeticError:
        return False


def _list_problem(parameter: Parameter, values: Sequence[Any], around: Surroundings) -> str | None:
    if not values and parameter.default is None:
        return f"needs {parameter.takes.value} as “{parameter.name}”"
    checks: Mapping[Takes, Callable[[str], bool]] = {
        Takes.COUNTRIES: lambda text: text in around.groups or (len(text) == 2 and text.isalpha() and text.isupper()),
        Takes.KINDS: lambda text: text in set(OrganisationKind),
        Takes.FLAGS: lambda text: text in FLAGS,
        Takes.PICS: is_pic,
        Takes.CATEGORIES: lambda text: text in around.categories,
    }
    unknown = [each for each in values if not isinstance(each, str) or not checks[parameter.takes](each)]
    return f"names “{unknown[0]}”, which is none of {parameter.takes.value}" if unknown else None


def _reference_problem(kind: Takes, value: str, around: Surroundings) -> str | None:
    if kind is Takes.ANNEX:
        return None if value in around.annexes else f"asks for the annex “{value}”, which the topic does not have"
    if kind is Takes.FIELD:
        fields = {field.key: field for _, field in around.form.fields()}
        if value not in fields:
            return f"asks for the question “{value}”, which the form does not have"
        return (
            None if fields[value].kind is FieldKind.YES_NO else f"asks for “{value}”, which is no yes-or-no question"
        )
    try:
        condition(value, common_names(around.form))
    except Wrong as problem:
        return f"has a condition that {problem}"
    return None


def fields_used(data: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """By field of a form, the rules in words that refer to it: such a field is not removed."""
    uses: dict[str, list[str]] = {}
    for each in rules_of(data):
        for parameter in each.kind.parameters:
            value = each.given[parameter.name]
            names: frozenset[str] = frozenset()
            if parameter.takes is Takes.FIELD:
                names = frozenset({value})
            elif parameter.takes is Takes.EXPRESSION:
                names = names_in(value)
            for name in sorted(names):
                uses.setdefault(name, []).append(f"the rule “{each.key}”")
    return uses


def _wrong(code: str, rule: str, problem: str, place: str) -> Finding:
    return Finding(code, f"The rule “{rule}” {problem}.", place, source="domain.md 4")
