"""Calls and topics: phases, deadlines, clocks, what publication needs, what a correction changed. Pure.

States of a call are in ``states``; rules about proposals in ``grants.proposals.rules``. Places of findings are paths
of keys: ``criteria.0.maximum`` in a topic, ``topics.ISF-2026-A.deadline`` in a call. Source: domain.md 1, 3, 8.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from grants.calls.eligibility import LIMITS, Surroundings, rule_findings
from grants.calls.parta.checking import form_findings
from grants.calls.parta.definition import Form
from grants.calls.portfolio import portfolio_findings
from grants.calls.states import Blind, DeadlineModel
from grants.kernel.clock import require_aware
from grants.kernel.findings import Finding, Severity
from grants.kernel.money import HUNDRED, total


class Phase(StrEnum):
    """Where a topic stands. Computed from its dates, never stored."""

    FORTHCOMING = "forthcoming"
    OPEN = "open"
    CLOSED = "closed"


def phase(*, opens_at: datetime, deadline: datetime, now: datetime) -> Phase:
    """Open from the opening on, until just before the deadline: the deadline itself is late.

    All three are aware instants; a topic with several deadlines gives its last. Source: domain.md 1 and 3.

    >>> five = datetime(2026, 9, 23, 15, tzinfo=UTC)
    >>> phase(opens_at=datetime(2026, 5, 1, tzinfo=UTC), deadline=five, now=five).value
    'closed'
    """
    moment = require_aware(now)  # in UTC: two times of one zone would be compared by their wall clocks
    if moment < require_aware(opens_at):
        return Phase.FORTHCOMING
    return Phase.OPEN if moment < require_aware(deadline) else Phase.CLOSED


def next_deadline(deadlines: Iterable[datetime], *, now: datetime) -> datetime | None:
    """The first deadline that is still to come, in UTC, None where all have passed. Any order is fine."""
    moment = require_aware(now)
    return min((instant for instant in map(require_aware, deadlines) if instant > moment), default=None)


def deadline_in(local: datetime, *, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clocks of ``zone`` show ``local`` (which carries no zone).

    A time that the clocks show twice in autumn means the later one, so nobody is late by reading it kindly.
    Raises ValueError for a time that they skip in spring, and for ``local`` with a zone of its own.
    Source: domain.md 3 (17:00 Brussels, winter and summer).

    >>> deadline_in(datetime(2026, 10, 25, 17), zone=ZoneInfo("Europe/Brussels"))
    datetime.datetime(2026, 10, 25, 16, 0, tzinfo=datetime.timezone.utc)
    """
    if local.tzinfo is not None:
        raise ValueError("the local time already has a zone")
    instant = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(fold=0):
        raise ValueError("the clocks skip this time on this day: choose another")
    return instant


def add_months(start: date, months: int) -> date:
    """The same day ``months`` later; a day that the month lacks becomes its last.

    >>> add_months(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month0 + 1, min(start.day, monthrange(year, month0 + 1)[1]))


def is_first_stage(model: DeadlineModel, stage: int) -> bool:
    """Whether a proposal of this stage is the short one of two (domain.md 1, 8.2)."""
    return model is DeadlineModel.TWO_STAGE and stage == 1


def is_blind(blind: Blind, model: DeadlineModel, stage: int) -> bool:
    """Whether experts judge a proposal of this stage without knowing who applies. Source: domain.md 4.

    >>> [is_blind(Blind.FIRST_STAGE, DeadlineModel.TWO_STAGE, stage) for stage in (1, 2)]
    [True, False]
    """
    return blind is Blind.ALL or (blind is Blind.FIRST_STAGE and is_first_stage(model, stage))


def batches(opens_at: datetime, end: datetime, *, zone: ZoneInfo, months: int) -> list[datetime]:
    """Ends of the batches of a topic that is always open, every ``months`` on the calendar of ``zone`` at the local
    time of ``end``, without ``end`` itself. Source: domain.md 1 (cut-offs) and 3 (local time).

    >>> start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, 15, tzinfo=UTC)
    >>> [each.isoformat() for each in batches(start, end, zone=ZoneInfo("Europe/Brussels"), months=3)]
    ['2026-04-01T15:00:00+00:00']
    """
    local, found = require_aware(end).astimezone(zone), []
    for number in range(1, 600):
        at = datetime.combine(add_months(local.date(), -months * number), local.time(), zone).astimezone(UTC)
        if at <= require_aware(opens_at):
            break
        found.append(at)
    return found[::-1]


def time_to_inform(deadline: datetime, *, zone: ZoneInfo, months: int) -> date:
    """Last day on which applicants may be told the result. Source: domain.md 3 (Horizon Europe 5, ISF 6).

    ``months``: the call's limit, counted on the calendar of ``zone``. Raises ValueError without a zone.
    """
    return add_months(require_aware(deadline).astimezone(zone).date(), months)


def time_to_grant(deadline: datetime, *, zone: ZoneInfo, months: int) -> date:
    """Last day on which the grant agreement may be signed. Source: domain.md 3 (Horizon Europe 8, ISF 9).

    ``deadline``: aware instant. ``months``: the call's limit, counted on the calendar of ``zone``; a day
    that the month lacks becomes its last. Raises ValueError for an instant without a zone.

    >>> time_to_grant(datetime(2026, 6, 30, 15, tzinfo=UTC), zone=ZoneInfo("Europe/Brussels"), months=8)
    datetime.date(2027, 2, 28)
    """
    return add_months(require_aware(deadline).astimezone(zone).date(), months)


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """An award criterion as a call sets it. ``threshold``: None for none. Source: domain.md 8.2."""

    code: str
    name: str
    maximum: Decimal
    step: Decimal
    weight: Decimal = Decimal(1)
    threshold: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """What publication looks at in one topic. None where the topic sets nothing; money in euro, rates in %."""

    identifier: str
    title: str
    type_of_action: str
    opens_at: datetime | None
    deadlines: tuple[datetime, ...]
    criteria: tuple[CriterionFacts, ...]
    categories: tuple[str, ...]
    deadline_model: DeadlineModel = DeadlineModel.SINGLE_STAGE
    description: str = ""
    overall_threshold: Decimal | None = None
    budget: Decimal | None = None
    min_grant: Decimal | None = None
    max_grant: Decimal | None = None
    min_months: int | None = None
    max_months: int | None = None
    funding_rate: Decimal = HUNDRED
    nonprofit_rate: Decimal | None = None
    indirect_rate: Decimal = Decimal(0)
    page_limit: int | None = None
    form: Form = field(default_factory=Form)
    eligibility: tuple[Mapping[str, Any], ...] = ()
    annexes: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    batch_months: int | None = None
    area_field: str = ""
    portfolio: tuple[str, ...] = ()
    blind: Blind = Blind.NO
    naming: str | None = None
    quality_low: int = 50
    quality_high: int = 80

    @property
    def surroundings(self) -> Surroundings:
        """What the topic's eligibility rules may refer to."""
        limits = {name for name in LIMITS if getattr(self, name) is not None}
        return Surroundings(self.form, frozenset(self.categories), self.annexes, self.groups, frozenset(limits))


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What publication looks at in a call. ``budget``: None where each topic has its own."""

    identifier: str
    title: str
    contact: str
    budget: Decimal | None
    topics: tuple[TopicFacts, ...]
    summary: str = ""


def criterion_findings(
    criteria: Sequence[CriterionFacts], *, overall_threshold: Decimal | None = None
) -> list[Finding]:
    """Everything wrong with a topic's criteria; places are ``criteria.<index>.<field>``. Source: domain.md 8.2."""
    if not criteria:
        return [_blocks("no-criteria", "Add at least one award criterion.", "criteria")]
    found: list[Finding] = []
    uses = Counter(criterion.code for criterion in criteria)
    for index, criterion in enumerate(criteria):
        for code, message, name in _criterion_problems(criterion):
            found.append(_blocks(code, message, f"criteria.{index}.{name}"))
        if criterion.code and uses[criterion.code] > 1:
            message = f"The code {criterion.code} is used twice. Give each criterion its own."
            found.append(_blocks("code-twice", message, f"criteria.{index}.code"))
    highest = total(criterion.maximum for criterion in criteria)
    if overall_threshold is not None and not 0 <= overall_threshold <= highest:
        message = f"The overall threshold must lie between 0 and {highest:f}, the sum of the maxima."
        found.append(_blocks("overall-threshold", message, "overall_threshold"))
    return found


def _criterion_problems(criterion: CriterionFacts) -> Iterator[tuple[str, str, str]]:
    if not criterion.code.strip():
        yield "no-code", "Give the criterion a short code.", "code"
    if not criterion.name.strip():
        yield "no-name", "Give the criterion a name.", "name"
    if criterion.weight <= 0:
        yield "weight", "The weight must be above 0.", "weight"
    if criterion.maximum <= 0:
        yield "maximum", "The maximum must be above 0.", "maximum"
    if criterion.step <= 0:
        yield "step", "The step must be above 0.", "step"
        return
    if criterion.maximum > 0 and criterion.maximum % criterion.step:
        yield "step-divides", f"Steps of {criterion.step:f} do not reach the maximum {criterion.maximum:f}.", "step"
    threshold = criterion.threshold
    if threshold is None:
        return
    if not 0 <= threshold <= criterion.maximum:
        yield "threshold", "The threshold must lie between 0 and the maximum.", "threshold"
    elif threshold % criterion.step:
        yield "threshold-step", f"The threshold must be a multiple of the step {criterion.step:f}.", "threshold"


def topic_findings(topic: TopicFacts, *, now: datetime) -> list[Finding]:
    """Everything that a topic lacks before it can be published; places are fields. Source: domain.md 1 to 8."""
    found = [
        _blocks(f"no-{name.replace('_', '-')}", message, name)
        for name, value, message in (
            ("identifier", topic.identifier, "Give the topic an identifier."),
            ("title", topic.title, "Give the topic a title."),
            ("type_of_action", topic.type_of_action, "Say which type of action it is."),
        )
        if not value.strip()
    ]
    if not topic.description.strip():
        found.append(_warns("no-description", "The topic has no description.", "description"))
    found += _date_findings(topic, now=now)
    if topic.blind is Blind.FIRST_STAGE and topic.deadline_model is not DeadlineModel.TWO_STAGE:
        found.append(_warns("no-first-stage", "The topic has no first stage that could be blind.", "blind"))
    found += criterion_findings(topic.criteria, overall_threshold=topic.overall_threshold)
    if topic.quality_low > topic.quality_high:
        message = "This is above the per cent from which weaknesses should not outweigh: lower it."
        found.append(_blocks("quality-range", message, "quality_low"))
    found += portfolio_findings(topic.portfolio, topic.area_field, topic.form)
    return found + _money_findings(topic) + _form_findings(topic)


def _date_findings(topic: TopicFacts, *, now: datetime) -> list[Finding]:
    found: list[Finding] = []
    if topic.opens_at is None:
        found.append(_blocks("no-opening", "Say when the topic opens.", "opens_at"))
    if not topic.deadlines:
        return [*found, _blocks("no-deadline", "Set a deadline.", "deadline")]
    if topic.opens_at is not None and topic.opens_at >= min(topic.deadlines):
        found.append(_blocks("opening-after-deadline", "The opening must be before the deadline.", "opens_at"))
    if max(topic.deadlines) <= now:
        found.append(_blocks("deadline-passed", "The deadline must lie in the future.", "deadline"))
    single = topic.deadline_model is DeadlineModel.SINGLE_STAGE
    if single != (len(topic.deadlines) == 1):
        message = f"A {topic.deadline_model.value} topic with {len(topic.deadlines)} deadline(s): check the model."
        found.append(_warns("deadline-model", message, "deadline_model"))
    return found


def _money_findings(topic: TopicFacts) -> list[Finding]:
    found: list[Finding] = []
    if not topic.categories:
        found.append(_blocks("no-categories", "Add at least one cost category.", "categories"))
    if not 0 < topic.funding_rate <= HUNDRED:
        found.append(_blocks("funding-rate", "The funding rate must be above 0 and at most 100 %.", "funding_rate"))
    if topic.nonprofit_rate is not None and not 0 < topic.nonprofit_rate <= HUNDRED:
        message = "The rate of non-profit bodies must be above 0 and at most 100 %."
        found.append(_blocks("nonprofit-rate", message, "nonprofit_rate"))
    if not 0 <= topic.indirect_rate <= HUNDRED:
        found.append(_blocks("indirect-rate", "Indirect costs must lie between 0 and 100 %.", "indirect_rate"))
    if topic.min_grant is not None and topic.max_grant is not None and topic.min_grant > topic.max_grant:
        found.append(_blocks("grant-range", "The smallest grant is above the largest.", "min_grant"))
    if topic.budget is not None and topic.max_grant is not None and topic.max_grant > topic.budget:
        found.append(_warns("grant-over-budget", "The largest grant is above the topic's budget.", "max_grant"))
    if topic.min_months is not None and topic.max_months is not None and topic.min_months > topic.max_months:
        found.append(_blocks("duration-range", "The shortest duration is above the longest.", "min_months"))
    return found


def _form_findings(topic: TopicFacts) -> list[Finding]:
    """Of Part A and of the eligibility rules; the rules are looked at once the form itself is right."""
    of_form = [replace(finding, place=f"form.{finding.place}") for finding in form_findings(topic.form)]
    return of_form or rule_findings(topic.eligibility, topic.surroundings)


def publication_findings(call: CallFacts, *, now: datetime) -> list[Finding]:
    """Everything that stands between a draft call and its publication, blocking or worth knowing.

    The budget belongs to the call or to each topic (domain.md 1); topics that share more than the call has are only
    a warning, because the per-topic view of a shared budget may overlap.
    """
    found: list[Finding] = []
    if not call.identifier.strip():
        found.append(_blocks("no-identifier", "Give the call an identifier.", "identifier"))
    if not call.title.strip():
        found.append(_blocks("no-title", "Give the call a title.", "title"))
    if not call.contact.strip():
        found.append(_blocks("no-contact", "Give an address that applicants can write to.", "contact"))
    if not call.summary.strip():
        found.append(_warns("no-summary", "The call has no summary.", "summary"))
    if not call.topics:
        found.append(_blocks("no-topics", "Add at least one topic.", "topics"))
    uses = Counter(topic.identifier for topic in call.topics)
    for topic in call.topics:
        place = f"topics.{topic.identifier}"
        inside = topic_findings(topic, now=now)
        found += [replace(finding, place=f"{place}.{finding.place}") for finding in inside]
        if uses[topic.identifier] > 1:
            message = f"The identifier {topic.identifier} is used twice."
            found.append(_blocks("identifier-twice", message, f"{place}.identifier"))
    return found + _budget_findings(call)


def _budget_findings(call: CallFacts) -> list[Finding]:
    if call.budget is not None and call.budget <= 0:
        return [_blocks("budget", "The budget must be above 0.", "budget")]
    without = [topic.identifier for topic in call.topics if topic.budget is None]
    if call.budget is None and (without or not call.topics):
        message = "Set the call's budget, or one for every topic."
        return [_blocks("no-budget", message, "budget")]
    of_topics = total(topic.budget for topic in call.topics if topic.budget is not None)
    if call.budget is not None and of_topics > call.budget:
        message = f"The topics together have {of_topics:,.2f} euro, the call only {call.budget:,.2f}."
        return [_warns("topics-over-budget", message, "budget")]
    return []


def _blocks(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.BLOCKS, "domain.md 1, 3, 7, 8")


def _warns(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.WARNS, "domain.md 1, 3, 7, 8")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two published versions; ``before`` or ``after`` is empty where it was not there."""

    place: str
    label: str
    before: str
    after: str

    def as_json(self) -> dict[str, str]:
        """For the version's JSON column."""
        return {"place": self.place, "label": self.label, "before": self.before, "after": self.after}


#: By which member a list of objects is matched, so that an inserted row is one change and not all that follow it.
_KEYS = ("identifier", "code", "key", "rule", "value", "number", "id")


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], *, labels: Mapping[str, str] | None = None
) -> list[Change]:
    """What a correction changed, in the order of ``after``: one entry for each value.

    Both are JSON contents of a version. Objects in lists are matched by their identifier or code. ``labels``: words
    for keys; without one the key itself is put into words.

    >>> changes({"title": "A"}, {"title": "B"})
    [Change(place='title', label='Title', before='A', after='B')]
    """
    return list(_walk(before, after, "", labels or {}))


def _walk(before: Any, after: Any, place: str, labels: Mapping[str, str]) -> Iterator[Change]:
    if before == after and type(before) is type(after):
        return
    old, new = _members(before), _members(after)
    if old is None or new is None or not (old or new):
        if _text(before) != _text(after):
            yield Change(place, _label(place, labels), _text(before), _text(after))
        return
    for key in [*new, *(key for key in old if key not in new)]:
        yield from _walk(old.get(key), new.get(key), f"{place}.{key}" if place else key, labels)


def _members(value: Any) -> dict[str, Any] | None:
    """Named parts of an object or of a list of named objects; {} for nothing; None for a plain value."""
    if value is None or value == []:
        return {}
    if isinstance(value, Mapping):
        return {str(key): part for key, part in value.items()}
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        return None
    for key in _KEYS:
        names = [str(part.get(key, "")) for part in value]
        if all(names) and len(set(names)) == len(names):
            return dict(zip(names, value, strict=True))
    return {str(index): part for index, part in enumerate(value)}


def _label(place: str, labels: Mapping[str, str]) -> str:
    words = [labels.get(part) or part.replace("_", " ") for part in place.split(".")]
    text = ": ".join(words)
    return text[:1].upper() + text[1:]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(part) for part in value)
    return str(value)


def question_rows(lines: Iterable[str], before: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Questions to experts, each with a code that stays while its text stays.

    >>> first = question_rows(["In scope?", "Ethics issues?"], [])
    >>> question_rows(["Ethics issues?", "Security issues?"], first)
    [{'code': 'q2', 'text': 'Ethics issues?'}, {'code': 'q3', 'text': 'Security issues?'}]
    """
    known = {row["text"]: row["code"] for row in before}
    number = max((int(code[1:]) for code in known.values()), default=0)
    rows = []
    for line in dict.fromkeys(lines):
        if line not in known:
            number += 1
        rows.append({"code": known.get(line, f"q{number}"), "text": line})
    return rows
