"""Conflicts of interest that the facts show by themselves. Pure. What only the expert knows, the expert declares.

Source: domain.md 8.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: What a profile offers; the list is open, people may add their own words.
LANGUAGES = (
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl",
    "pt", "ro", "sk", "sl", "sv",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExpertFacts:
    """``organisations``: identities of the employer and of those the person represents. ``own_proposals``: identities
    of proposals that the person works on in the same topic."""

    account: int
    employer_name: str = ""
    organisations: frozenset[int] = frozenset()
    own_proposals: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ProposalParties:
    """``organisations``: participants by identity with their legal and short names. ``members``: accounts."""

    id: int
    organisations: Mapping[int, tuple[str, ...]]
    members: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Conflict:
    """``disqualifying``: the expert must not evaluate; otherwise the programme manager decides."""

    code: str
    sentence: str
    disqualifying: bool


def conflicts(expert: ExpertFacts, proposal: ProposalParties) -> list[Conflict]:
    """Everything that ties an expert to a proposal, disqualifying ties first. Source: domain.md 8.4.

    >>> found = conflicts(ExpertFacts(1, organisations=frozenset({7})), ProposalParties(3, {7: ("Lab",)}))
    >>> [(each.code, each.sentence) for each in found]
    [('employer', 'Works for or represents Lab, which takes part.')]
    """
    found: list[Conflict] = []
    if expert.account in proposal.members:
        found.append(Conflict("member", "Works on this proposal.", disqualifying=True))
    for organisation, names in proposal.organisations.items():
        if organisation in expert.organisations or _same_name(expert.employer_name, names):
            message = f"Works for or represents {names[0]}, which takes part."
            found.append(Conflict("employer", message, disqualifying=True))
    if expert.own_proposals - {proposal.id}:
        message = "Works on another proposal of this topic, which competes."
        found.append(Conflict("competitor", message, disqualifying=False))
    return found


def disqualifying(found: Iterable[Conflict]) -> list[Conflict]:
    """Those that no decision of an officer can set aside."""
    return [each for each in found if each.disqualifying]


def _same_name(employer: str, names: Iterable[str]) -> bool:
    plain = " ".join(employer.casefold().split())
    return bool(plain) and any(plain == " ".join(name.casefold().split()) for name in names)
