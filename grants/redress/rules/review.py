"""What a request needs, who may sit on its committee, whether a new evaluation could change the result. Pure.

Source: domain.md 8.6 (procedure only, never the scientific judgement) and 15.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import plain_number, threshold_failures, totals
from grants.kernel.findings import Finding
from grants.ranking.states import Decision
from grants.redress.states import UPHELD, Says, Subject

SOURCE = "domain.md 8.6"


def request_findings(*, subject: str, criterion: str, text: str, criteria: Collection[str]) -> list[Finding]:
    """Why a request cannot be sent yet."""
    found = []
    if subject not in set(Subject):
        found.append(Finding("no-subject", "Say what the request is about.", "subject", source=SOURCE))
    if subject == Subject.CRITERION and criterion not in criteria:
        found.append(Finding("no-criterion", "Choose the criterion.", "criterion", source=SOURCE))
    if not text.strip():
        found.append(Finding("no-text", "Describe what went wrong in the procedure.", "text", source=SOURCE))
    return found


@dataclass(frozen=True, slots=True)
class Involvement:
    """Who did something in the evaluation of a proposal or in the decision on it; identities of accounts."""

    moderators: frozenset[int] = field(default_factory=frozenset)
    deciders: frozenset[int] = field(default_factory=frozenset)
    experts: frozenset[int] = field(default_factory=frozenset)
    officers: frozenset[int] = field(default_factory=frozenset)
    applicants: frozenset[int] = field(default_factory=frozenset)


def involved_as(person: int, known: Involvement) -> str:
    """Why a person cannot sit on the committee, in words; empty where nothing stands against it.

    >>> involved_as(7, Involvement(experts=frozenset({7})))
    'evaluated the proposal as an expert'
    """
    reasons = (
        (known.moderators, "moderated the consensus"),
        (known.deciders, "prepared or confirmed the ranked list"),
        (known.experts, "evaluated the proposal as an expert"),
        (known.officers, "decided on the admission of the proposal"),
        (known.applicants, "works on the proposal"),
    )
    return next((words for people, words in reasons if person in people), "")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a proposal stands in the decided list.

    ``scores``: agreed ones by criterion's code, empty where it was not evaluated. ``line``: the lowest ranking score
    on the main list, ``reserve_line`` on the reserve list; None where nobody is on it.
    """

    scores: Mapping[str, Decimal]
    criteria: Sequence[CriterionFacts]
    overall: Decimal | None
    decision: Decision | None
    line: Decimal | None
    reserve_line: Decimal | None


@dataclass(frozen=True, slots=True)
class Chance:
    """Whether a new evaluation of some criteria could improve the result, and why, in words."""

    possible: bool
    words: str


def could_change(standing: Standing, codes: Collection[str]) -> Chance:
    """Whether the highest scores in these criteria would give the proposal a better decision.

    The other criteria keep their scores. A proposal that was never scored can always win. Source: domain.md 8.6.
    """
    if standing.decision is Decision.MAIN:
        return Chance(False, "The proposal is on the main list already.")
    if any(each.code not in standing.scores for each in standing.criteria):
        return Chance(True, "The proposal has no scores yet, so every result is open.")
    best = {
        each.code: each.maximum if each.code in codes else standing.scores[each.code] for each in standing.criteria
    }
    sums = totals(best, standing.criteria)
    failures = threshold_failures(best, standing.criteria, overall=standing.overall, reached=sums.total)
    if failures:
        return Chance(False, f"Even with the highest scores there: {failures[0].sentence}.")
    return _against_lines(standing, sums.ranking)


def _against_lines(standing: Standing, best: Decimal) -> Chance:
    reached = f"The best possible ranking score is {plain_number(best)}"
    if standing.line is None or best >= standing.line:
        where = "nobody is on the main list" if standing.line is None else (
            f"the last proposal on the main list has {plain_number(standing.line)}"
        )  # fmt: skip
        return Chance(True, f"{reached}; {where}.")
    line = f"the last proposal on the main list has {plain_number(standing.line)}"
    if standing.decision is Decision.RESERVE:
        return Chance(False, f"{reached}; {line}.")
    if standing.reserve_line is None or best >= standing.reserve_line:
        return Chance(True, f"{reached}: too little for the main list, enough for the reserve list.")
    return Chance(False, f"{reached}; {line}, the last on the reserve list {plain_number(standing.reserve_line)}.")


def outcome_findings(
    says: Says, *, criteria: Collection[str], chance: Chance, members: int, least: int, opinion: str
) -> list[Finding]:
    """Why an outcome cannot be proposed: the committee is too small or silent, nothing is chosen, nothing can change.

    ``criteria``: those that are chosen to be evaluated again.
    """
    found = []
    if members < least:
        words = f"The committee needs at least {least} members, it has {members}."
        found.append(Finding("committee-too-small", words, source=SOURCE))
    if not opinion.strip():
        found.append(Finding("no-opinion", "The committee has not written its opinion yet.", source=SOURCE))
    if says is Says.PARTLY and not criteria:
        found.append(
            Finding("no-criteria", "Choose the criteria that are evaluated again.", "criteria", source=SOURCE)
        )
    elif says in UPHELD and says is not Says.CORRECTED and not chance.possible:
        words = f"A new evaluation cannot change the result. {chance.words}"
        found.append(Finding("changes-nothing", words, "says", source=SOURCE))
    return found
