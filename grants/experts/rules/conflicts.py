"""Conflicts of interest that the facts show by themselves. Pure. What only the expert knows, the expert declares.

Disqualifying ones follow from a certain fact. Names of people are shared by strangers, so what rests on a name alone
is manageable: an officer decides, and nobody is asked before that. Source: domain.md 8.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from grants.experts.rules.names import Named, plain
from grants.experts.rules.profile import TIES


@dataclass(frozen=True, slots=True)
class Job:
    """A present or former employer. ``organisation``: None where it is not registered; ``ended``: None while it
    lasts."""

    name: str
    organisation: int | None = None
    department: str = ""
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class ExpertFacts:
    """``organisations``: identities of the employer and of those the person represents; ``jobs``: dated employers.

    ``own_proposals``: identities of proposals that the person works on in the same topic. ``applied_with``: accounts
    with whom they applied here, with the last day. ``authors``: co-authors' names with the last year. ``ties``: kind
    and name.
    """

    account: int
    employer_name: str = ""
    organisations: frozenset[int] = frozenset()
    own_proposals: frozenset[int] = frozenset()
    name: str = ""
    jobs: Sequence[Job] = ()
    applied_with: Mapping[int, date] = field(default_factory=dict)
    authors: Mapping[str, int] = field(default_factory=dict)
    ties: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ProposalParties:
    """``organisations``: participants by identity with their legal and short names. ``members``: accounts with names.

    ``departments``: what each participant said does the work. ``named``: Part A as it was submitted; ``part_b``:
    whether the text layer of Part B names a person.
    """

    id: int
    organisations: Mapping[int, tuple[str, ...]]
    members: frozenset[int] = frozenset()
    departments: Mapping[int, str] = field(default_factory=dict)
    named: Named = field(default_factory=Named)
    part_b: Named = field(default_factory=Named)


@dataclass(frozen=True, slots=True)
class Windows:
    """How many years back a topic looks, and from which day."""

    today: date
    employment: int = 3
    collaboration: int = 5

    def employed(self, ended: date) -> bool:
        """Whether a job that ended then still counts."""
        return ended > _years_before(self.today, self.employment)

    def collaborated(self, day: date) -> bool:
        """Whether common work of that day still counts."""
        return day > _years_before(self.today, self.collaboration)


def _years_before(day: date, years: int) -> date:
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - years, day=last)


@dataclass(frozen=True, slots=True)
class Conflict:
    """``disqualifying``: the expert must not evaluate; otherwise the programme manager decides."""

    code: str
    sentence: str
    disqualifying: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """An officer's decision that stands: which conflicts it covers, and whether the expert may evaluate."""

    codes: frozenset[str]
    allowed: bool


def conflicts(expert: ExpertFacts, proposal: ProposalParties, windows: Windows | None = None) -> list[Conflict]:
    """Everything that ties an expert to a proposal, disqualifying ties first. Without ``windows`` every former job
    and all common work count. Source: domain.md 8.4.

    >>> found = conflicts(ExpertFacts(1, organisations=frozenset({7})), ProposalParties(3, {7: ("Lab",)}))
    >>> [(each.code, each.sentence) for each in found]
    [('employer', 'Works for or represents Lab, which takes part.')]
    """
    found: list[Conflict] = []
    if expert.account in proposal.members:
        found.append(Conflict("member", "Works on this proposal.", disqualifying=True))
    found += _employers(expert, proposal, windows)
    found += _declared(expert, proposal)
    found += _named(expert, proposal)
    found += _common_work(expert, proposal, windows)
    if expert.own_proposals - {proposal.id}:
        message = "Works on another proposal of this topic, which competes."
        found.append(Conflict("competitor", message, disqualifying=False))
    return sorted(found, key=lambda each: not each.disqualifying)


def _employers(expert: ExpertFacts, proposal: ProposalParties, windows: Windows | None) -> list[Conflict]:
    """Employed by a participant: rules out; in another department, or until lately: an officer decides."""
    found = []
    for organisation, names in proposal.organisations.items():
        jobs = [each for each in expert.jobs if each.organisation == organisation or _same_name(each.name, names)]
        present = [each for each in jobs if each.ended is None or (windows and each.ended >= windows.today)]
        past = [each for each in jobs if each not in present and each.ended is not None]
        theirs = plain(proposal.departments.get(organisation, ""))
        if present and theirs and all(each.department and plain(each.department) != theirs for each in present):
            message = f"Works for {names[0]}, which takes part with another department."
            found.append(Conflict("department", message, disqualifying=False))
        elif present or organisation in expert.organisations or _same_name(expert.employer_name, names):
            message = f"Works for or represents {names[0]}, which takes part."
            found.append(Conflict("employer", message, disqualifying=True))
        elif any(each.ended and (windows is None or windows.employed(each.ended)) for each in past):
            last = max(each.ended for each in past if each.ended)
            message = f"Worked for {names[0]}, which takes part, until {last.isoformat()}."
            found.append(Conflict("former-employer", message, disqualifying=False))
    return found


def _declared(expert: ExpertFacts, proposal: ProposalParties) -> list[Conflict]:
    found = []
    for kind, name in expert.ties:
        label, rules_out = TIES.get(kind, ("Tie", False))
        organisation = any(_same_name(name, names) for names in proposal.organisations.values())
        if organisation or name in proposal.named or name in proposal.part_b:
            message = f"{label} declared: {name}."
            found.append(Conflict(f"tie-{kind}", message, disqualifying=rules_out))
    return found


def _named(expert: ExpertFacts, proposal: ProposalParties) -> list[Conflict]:
    if expert.name in proposal.named:
        return [Conflict("named", "Part A names a person of this name.", disqualifying=False)]
    if expert.name in proposal.part_b:
        return [Conflict("named-in-part-b", "Part B names a person of this name.", disqualifying=False)]
    return []


def _common_work(expert: ExpertFacts, proposal: ProposalParties, windows: Windows | None) -> list[Conflict]:
    found = []
    days = [day for account, day in expert.applied_with.items() if account in proposal.members]
    if any(windows is None or windows.collaborated(day) for day in days):
        message = "Applied together with a person of this proposal before."
        found.append(Conflict("co-applicant", message, disqualifying=False))
    for author, year in sorted(expert.authors.items()):
        late = windows is None or year > windows.today.year - windows.collaboration
        if late and (author in proposal.named or author in proposal.part_b):
            message = f"Published with {author}, whom the proposal names ({year})."
            found.append(Conflict("co-author", message, disqualifying=False))
            break
    return found


def standing(found: Iterable[Conflict], decided: Decided | None) -> list[Conflict]:
    """What is left after the officer's decision: an allowance removes the manageable conflicts that it covers and no
    other; a refusal rules the expert out. No decision sets a disqualifying conflict aside.

    >>> tie = Conflict("named", "Part A names a person of this name.", disqualifying=False)
    >>> standing([tie], Decided(frozenset({"named"}), allowed=True))
    []
    """
    left = list(found)
    if decided is None:
        return left
    if decided.allowed:
        return [each for each in left if each.disqualifying or each.code not in decided.codes]
    message = "The programme manager decided that this expert does not evaluate it."
    return [Conflict("forbidden", message, disqualifying=True), *left]


def disqualifying(found: Iterable[Conflict]) -> list[Conflict]:
    """Those that no decision of an officer can set aside."""
    return [each for each in found if each.disqualifying]


def _same_name(name: str, names: Iterable[str]) -> bool:
    mine = plain(name)
    return bool(mine) and any(mine == plain(each) for each in names)
