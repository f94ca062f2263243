"""The plan of the demo: who proposes what, when, with whom and for how much, and how good it is. Pure.

Everything comes from the seed and from the texts beside this page; ``loading`` carries it out through the services.
Times are distances to the end of the entry (the deadline, or the loading where the call is open).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from grants.calls.templates import country_groups
from grants.demo import budgets, qualities, workplans
from grants.demo.ideas import IDEAS, Idea
from grants.demo.people import ANA, CONTACTS, EVALUATORS, JONAS, ORGANISATIONS, SIGN_INS, Evaluator, OrganisationRow
from grants.demo.sentences import SENTENCES
from grants.demo.texts import CALLS, DemoCall, DemoTopic, Stage
from grants.demo.themes import THEMES
from grants.demo.wording import capital, number, say
from grants.demo.workplans import PackagePlan
from grants.proposals.states import ParticipantRole

Size = Literal["full", "small"]
BY_SHORT: Mapping[str, OrganisationRow] = {row.short: row for row in ORGANISATIONS}
#: Whom a contact or a sign-in writes for.
ACTS_FOR = {each.email: each.acts_for for each in (*SIGN_INS, *CONTACTS) if each.acts_for}
#: Programmes that a country does not take part in, or where others do (domain.md 4).
_MEMBERS = country_groups()["EU"]
_ISF = country_groups()["ISF"]
#: Topics in which the sign-ins are the first main contacts; the best of a running call are theirs, too.
_FIRST: Mapping[str, tuple[str, ...]] = {
    "open/FCT-01": (ANA,), "open/FCT-02": (ANA, JONAS), "evaluation/FCT-01": (ANA,), "evaluation/FCT-02": (JONAS,),
    "decided/SUPPORT": (ANA,), "decided/UNITS": (JONAS,), "running/UNITS": (ANA, JONAS, ANA, JONAS),
}  # fmt: skip
_MONTHS = {"ISF-PJG": (24, 24, 30, 36), "HE-RIA": (36, 42, 48), "HE-IA": (36, 36, 42), "HE-CSA": (24, 36)}
_SIZES = {
    "ISF-PJG": (2, 3, 3, 4, 4, 5, 6), "HE-RIA": (4, 5, 6, 7, 8), "HE-IA": (5, 6, 7, 8), "HE-CSA": (4, 5, 6),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartnerPlan:
    """One organisation, by its short name. ``costs``: category and euro. ``requested``: None for all it may ask.
    ``behind``: what stands behind the costs, by field of the budget."""

    organisation: str
    role: ParticipantRole
    costs: tuple[tuple[str, Decimal], ...]
    requested: Decimal | None
    behind: tuple[tuple[str, str], ...] = ()

    @property
    def row(self) -> OrganisationRow:
        """Its legal data."""
        return BY_SHORT[self.organisation]


@dataclass(frozen=True, slots=True)
class Times:
    """How long before the end of the entry something was done; ``submitted``: each version, the last one counts."""

    started: timedelta
    filled: timedelta
    submitted: tuple[timedelta, ...] = ()
    withdrawn: timedelta | None = None  # None: not withdrawn


@dataclass(frozen=True, slots=True)
class ProposalPlan:
    """One proposal. ``topic``: stage and suffix. ``parts``: of 4, how far a draft is (all of a submitted one).

    ``quality``: by criterion, what experts would agree on, in the topic's steps; empty where nobody will judge it.
    ``seed``: for everything else that is made from it, for example Part B.
    """

    key: str
    topic: str
    template: str
    theme: str
    contact: str
    idea: Idea
    abstract: str
    months: int
    women: int
    men: int
    partners: tuple[PartnerPlan, ...]
    packages: tuple[PackagePlan, ...]
    times: Times
    parts: int
    quality: tuple[tuple[str, Decimal], ...]
    seed: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is loaded."""

    seed: int
    calls: tuple[DemoCall, ...]
    proposals: tuple[ProposalPlan, ...]
    evaluators: tuple[Evaluator, ...]


def topic_key(call: DemoCall, topic: DemoTopic) -> str:
    """How the plan names a topic: independent of the year in its identifier."""
    return f"{call.stage.value}/{topic.suffix}"


def build(seed: int, size: Size = "full") -> Plan:
    """The whole plan; the same seed and size give the same plan. ``small`` has one or two proposals in each state."""
    ideas = {theme: iter(rows) for theme, rows in IDEAS.items()}
    proposals = [
        made
        for call in CALLS
        for topic in call.topics
        for made in _proposals(call, topic, ideas[topic.theme], size=size, seed=seed)
    ]
    evaluators = EVALUATORS if size == "full" else EVALUATORS[:6]
    return Plan(seed=seed, calls=CALLS, proposals=tuple(proposals), evaluators=evaluators)


def _proposals(
    call: DemoCall, topic: DemoTopic, ideas: Iterator[Idea], *, size: Size, seed: int
) -> Iterator[ProposalPlan]:
    crowd = topic.full if size == "full" else topic.small
    key = topic_key(call, topic)
    rng = Random(f"{seed}:{key}")  # noqa: S311 a demo, no secret
    judged = call.stage in {Stage.EVALUATION, Stage.DECIDED, Stage.RUNNING}
    contacts = _contacts(key, call.programme, rng=rng)
    marks = list(qualities.draw(topic.template, crowd.submitted, rng=rng)) if judged else []
    if call.stage is not Stage.RUNNING:  # the sign-ins' projects run, elsewhere they win and lose
        rng.shuffle(marks)
    kinds = ["submitted"] * crowd.submitted + ["withdrawn"] * crowd.withdrawn + ["draft"] * crowd.drafts
    for index, kind in enumerate(kinds):
        quality = marks[index] if index < len(marks) else ()
        yield _proposal(call, topic, next(ideas), index, kind, contacts[index], quality, seed=seed)


def _contacts(key: str, programme: str, *, rng: Random) -> list[str]:
    first = _FIRST.get(key, ())
    rest = [each.email for each in CONTACTS if programme != "ISF" or BY_SHORT[each.acts_for].country in _ISF]
    return [*first, *rng.sample(rest, len(rest))]


def _proposal(
    call: DemoCall,
    topic: DemoTopic,
    idea: Idea,
    index: int,
    kind: str,
    contact: str,
    quality: tuple[tuple[str, Decimal], ...],
    *,
    seed: int,
) -> ProposalPlan:
    key = f"{topic_key(call, topic)}/{index + 1}"
    own = f"{seed}:{key}"
    rng = Random(own)  # noqa: S311
    months = rng.choice((30, 36, 36) if call.stage is Stage.RUNNING else _MONTHS[topic.template])
    names = _consortium(ACTS_FOR[contact], topic.template, call.programme, rng=rng)
    partners = _partners(names, topic, rng=rng)
    personnel = {each.organisation: dict(each.costs).get("A", Decimal(0)) for each in partners}
    return ProposalPlan(
        key=key, topic=topic_key(call, topic), template=topic.template, theme=topic.theme, contact=contact, idea=idea,
        abstract=_abstract(idea, topic.theme, names, rng=rng), months=months, women=rng.randint(2, 9),
        men=rng.randint(2, 9), partners=partners,
        packages=workplans.draw(topic.template, months, personnel, rng=rng),
        times=_times(call, kind, rng=rng), parts=4 if kind != "draft" else (index + len(idea.acronym)) % 4 + 1,
        quality=quality, seed=own,
    )  # fmt: skip


def _consortium(coordinator: str, template: str, programme: str, *, rng: Random) -> list[str]:
    """The coordinator and others, at most two of a country, enough of them from different Member States."""
    wanted = rng.choice(_SIZES[template])
    names = [coordinator]
    pool = [row for row in ORGANISATIONS if programme != "ISF" or row.country in _ISF]
    for row in rng.sample(pool, len(pool)):
        countries = [BY_SHORT[name].country for name in names]
        first_two = len(names) < 3 and row.country not in _MEMBERS - set(countries)
        if row.short not in names and countries.count(row.country) < 2 and not first_two:
            names.append(row.short)
        if len(names) == wanted:
            break
    return names


def _partners(names: Sequence[str], topic: DemoTopic, *, rng: Random) -> tuple[PartnerPlan, ...]:
    roles = [ParticipantRole.COORDINATOR, *[ParticipantRole.BENEFICIARY] * (len(names) - 1)]
    if topic.template.startswith("HE") and len(names) > 5 and rng.random() < 0.3:
        roles[-1] = ParticipantRole.ASSOCIATED  # with tasks, without money
    rows = budgets.draw(
        topic.template, [BY_SHORT[name] for name in names], roles, most=topic.largest, rng=rng
    )  # fmt: skip
    return tuple(
        PartnerPlan(
            name, role, costs, requested,
            budgets.behind(topic.template, BY_SHORT[name], role, costs, requested, seed=f"{topic.title}/{name}"),
        )
        for name, role, (costs, requested) in zip(names, roles, rows, strict=True)
    )  # fmt: skip


def _abstract(idea: Idea, theme: str, names: Sequence[str], *, rng: Random) -> str:
    words = THEMES[theme]
    countries = len({BY_SHORT[name].country for name in names})
    together = (
        "organisations from one country" if countries == 1 else f"organisations from {number(countries)} countries"
    )
    general = {
        "acronym": idea.acronym, "users": words.users, "group": words.group, "Group": capital(words.group),
        "work": words.work, "material": words.material, "unit": words.unit,
    }  # fmt: skip
    closing = rng.choice([text for text in SENTENCES["added"] if "{lead}" not in text])
    return " ".join(
        [
            rng.choice(words.problems),
            f"{idea.acronym} {idea.aim}.",
            f"To this end, {number(len(names))} {together} {idea.means}.",
            f"They work with {words.users} from the first month on and measure what changes for {words.group}.",
            f"At the end, {idea.result}.",
            say(closing, general, others=names[1:], rng=rng),
        ]
    )


def _times(call: DemoCall, kind: str, *, rng: Random) -> Times:
    """As in the field: four of five hand in on the last day, one of three in the last hour (domain.md 12)."""
    days = min(call.closes, 0) - call.opens
    started = timedelta(days=rng.uniform(18, 0.85 * days))
    filled = timedelta(days=rng.uniform(9, 16))
    if kind == "draft":
        return Times(started, filled)
    if call.stage is Stage.OPEN:
        return Times(started, filled, (timedelta(days=rng.uniform(1, 7)),))
    last = _before_deadline(rng)
    earlier = (last + timedelta(days=rng.uniform(0.5, 3)),) if rng.random() < 0.3 else ()
    withdrawn = last / 2 if kind == "withdrawn" else None
    return Times(started, filled, (*earlier, last), withdrawn)


def _before_deadline(rng: Random) -> timedelta:
    share = rng.random()
    for most, minutes in ((0.18, (1, 15)), (0.36, (15, 60)), (0.62, (60, 240)), (0.84, (240, 1440))):
        if share < most:
            return timedelta(minutes=rng.uniform(*minutes))
    return timedelta(days=rng.uniform(1, 5))
