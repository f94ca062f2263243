"""Scores, reports and consensus: what is complete, what totals and thresholds say, where experts disagree. Pure.

Scores are ``Decimal`` by the code of their criterion; None is "not scored yet", 0 is a score. Criteria are those of
the call (``calls.rules.CriterionFacts``). The order of proposals is in ``ranking.rules``. Source: domain.md 8,
evaluation.md 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from grants.calls.rules import CriterionFacts
from grants.evaluation.states import Answer, AssignmentState
from grants.kernel.findings import Finding, Severity

NOTHING = Decimal(0)
#: Reports without which there is nothing to agree on (domain.md 8.1: two may do).
FEWEST_REPORTS = 2


#: More steps than this are typed, not chosen from a list.
_MOST_CHOICES = 201


def parse_score(text: str, criterion: CriterionFacts) -> Decimal | None:
    """What a person typed as a score, with point or comma; None for an empty text, which is not a score of 0.

    Raises ValueError with a sentence for people: no number, out of range, not in the criterion's steps.

    >>> excellence = CriterionFacts("excellence", "Excellence", Decimal(5), Decimal("0.5"))
    >>> parse_score("3,5", excellence), parse_score("0", excellence), parse_score(" ", excellence)
    (Decimal('3.5'), Decimal('0'), None)
    """
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", plain):
        raise ValueError(f"Enter a number from 0 to {plain_number(criterion.maximum)}.")
    score = Decimal(plain)
    message = score_problem(score, criterion)
    if message:
        raise ValueError(message)
    return score


def score_problem(score: Decimal, criterion: CriterionFacts) -> str:
    """What is wrong with a score as a sentence, empty for nothing."""
    if not 0 <= score <= criterion.maximum:
        return f"The score must lie between 0 and {plain_number(criterion.maximum)}."
    if score % criterion.step:
        return f"Scores go in steps of {plain_number(criterion.step)}."
    return ""


def plain_number(number: Decimal) -> str:
    """A score as people write it: ``4``, ``3.5``, never ``4.000`` or ``4E+1``."""
    return f"{number.normalize():f}" if number else "0"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Score and comment on one criterion, in an individual or a consensus report."""

    code: str
    score: Decimal | None
    comment: str = ""
    weaknesses: str = ""


def answer_findings(
    answers: Mapping[str, Mapping[str, str]], questions: Iterable[Mapping[str, str]]
) -> list[Finding]:
    """What is missing in the answers to the topic's questions: each is answered, and a "no" is explained.

    ``answers``: by the question's code, ``answer`` ("yes" or "no") and ``remark``. Places are
    ``questions.<code>.answer`` and ``questions.<code>.remark``.
    """
    found: list[Finding] = []
    for question in questions:
        given = answers.get(question["code"], {})
        place = f"questions.{question['code']}"
        if given.get("answer") not in {"yes", "no"}:
            found.append(_blocks("not-answered", f"Answer yes or no: {question['text']}", f"{place}.answer"))
        elif given["answer"] == "no" and not given.get("remark", "").strip():
            found.append(_blocks("no-remark", f"Say why not: {question['text']}", f"{place}.remark"))
    return found


def report_findings(
    judgements: Iterable[Judgement], criteria: Sequence[CriterionFacts], *, shortest_comment: int = 1
) -> list[Finding]:
    """What stops a report from being handed in: every criterion is scored and commented.

    ``shortest_comment``: characters that a comment needs, blanks at its ends not counted; 0 asks for none. Places are
    ``scores.<code>.score`` and ``scores.<code>.comment``. Source: domain.md 8.1, 8.2.
    """
    given = {judgement.code: judgement for judgement in judgements}
    found: list[Finding] = []
    for criterion in criteria:
        judgement = given.get(criterion.code, Judgement(criterion.code, None))
        place = f"scores.{criterion.code}"
        if judgement.score is None:
            found.append(_blocks("not-scored", f"Score {criterion.name}; 0 is a score too.", f"{place}.score"))
        elif problem := score_problem(judgement.score, criterion):
            found.append(_blocks("score", f"{criterion.name}: {problem}", f"{place}.score"))
        length = len(judgement.comment.strip())
        if length == 0 < shortest_comment:
            found.append(_blocks("no-comment", f"Give reasons for {criterion.name}.", f"{place}.comment"))
        elif length < shortest_comment:
            message = (
                f"{criterion.name}: the reasons have {length} characters, at least {shortest_comment} are asked."
            )
            found.append(_blocks("short-comment", message, f"{place}.comment"))
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """``total``: unweighted, what thresholds look at. ``ranking``: weighted, what the order looks at."""

    total: Decimal
    ranking: Decimal


def totals(scores: Mapping[str, Decimal], criteria: Iterable[CriterionFacts]) -> Totals:
    """Both sums of a fully scored proposal. Raises ValueError where a criterion has no score.

    A weight counts for the ranking only. Source: domain.md 8.2, evaluation.md 2.1.

    >>> ia = [CriterionFacts("impact", "Impact", Decimal(5), Decimal("0.5"), weight=Decimal("1.5"))]
    >>> totals({"impact": Decimal(3)}, ia)
    Totals(total=Decimal('3'), ranking=Decimal('4.5'))
    """
    plain = weighted = NOTHING
    for criterion in criteria:
        score = scores.get(criterion.code)
        if score is None:
            raise ValueError(f"{criterion.name} is not scored")
        plain += score
        weighted += score * criterion.weight
    return Totals(plain, weighted)


@dataclass(frozen=True, slots=True)
class Failure:
    """A threshold that was missed. ``code`` is the criterion's, empty for the overall threshold."""

    code: str
    name: str
    score: Decimal
    threshold: Decimal

    @property
    def sentence(self) -> str:
        """For lists and letters."""
        return f"{self.name}: {plain_number(self.score)}, at least {plain_number(self.threshold)} is needed"


def threshold_failures(
    scores: Mapping[str, Decimal],
    criteria: Sequence[CriterionFacts],
    *,
    overall: Decimal | None,
    reached: Decimal | None = None,
) -> list[Failure]:
    """All thresholds that unweighted scores miss, criteria in their order, the overall one last; "at least" passes.

    ``reached``: the total, where it is known already. Raises ValueError where a criterion has no score. Source:
    evaluation.md 2.1, domain.md 8.2.
    """
    if reached is None:
        reached = totals(scores, criteria).total
    failed = [
        Failure(criterion.code, criterion.name, scores[criterion.code], criterion.threshold)
        for criterion in criteria
        if criterion.threshold is not None and scores[criterion.code] < criterion.threshold
    ]
    if overall is not None and reached < overall:
        failed.append(Failure("", "Total", reached, overall))
    return failed


def percentage_score(
    scores: Mapping[str, Decimal], criteria: Sequence[CriterionFacts], *, places: int = 1
) -> Decimal:
    """The weighted share of the maximum in per cent, as MSCA ranks and compares with its threshold.

    Computed exactly, then rounded half up once to ``places`` decimals: 69.95 is 70.0, and a threshold of 70 is
    compared with the rounded value. Raises ValueError for a criterion without a score. Source: domain.md 8.2.

    >>> both = [CriterionFacts("e", "E", Decimal(5), Decimal("0.1"), Decimal(50)),
    ...     CriterionFacts("i", "I", Decimal(5), Decimal("0.1"), Decimal(50))]
    >>> percentage_score({"e": Decimal("3.5"), "i": Decimal("3.6")}, both)
    Decimal('71.0')
    """
    reached = totals(scores, criteria).ranking
    possible = sum((criterion.maximum * criterion.weight for criterion in criteria), NOTHING)
    if not possible:
        raise ValueError("there are no criteria")
    # As a fraction: a quotient cut at 28 digits could fall on the wrong side of a half.
    units = floor(Fraction(reached) / Fraction(possible) * 100 * 10**places + Fraction(1, 2))
    return Decimal(units).scaleb(-places)


@dataclass(frozen=True, slots=True)
class Spread:
    """How far individual scores on one criterion lie apart."""

    code: str
    name: str
    lowest: Decimal
    highest: Decimal

    @property
    def width(self) -> Decimal:
        """Highest minus lowest."""
        return self.highest - self.lowest


def spreads(reports: Sequence[Mapping[str, Decimal | None]], criteria: Sequence[CriterionFacts]) -> list[Spread]:
    """The spread of each criterion that at least two reports score, criteria in their order."""
    found = []
    for criterion in criteria:
        given = [score for report in reports if (score := report.get(criterion.code)) is not None]
        if len(given) > 1:
            found.append(Spread(criterion.code, criterion.name, min(given), max(given)))
    return found


def disagreements(
    reports: Sequence[Mapping[str, Decimal | None]], criteria: Sequence[CriterionFacts], *, limit: Decimal | None
) -> list[Spread]:
    """Criteria whose spread reaches ``limit``, widest first; none where the call sets no limit."""
    if limit is None:
        return []
    wide = [spread for spread in spreads(reports, criteria) if spread.width >= limit]
    return sorted(wide, key=lambda spread: -spread.width)


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """One expert's part in the consensus. ``opinion``: None while there is no answer. Names are for staff only."""

    id: int
    name: str
    state: AssignmentState
    rapporteur: bool
    submitted: bool
    opinion: Answer | None = None

    @property
    def counts(self) -> bool:
        """Whether a report is expected: not after a conflict, and not once removed."""
        return self.state in (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)


def consensus_findings(assignments: Sequence[AssignmentFacts], *, experts: int, early: bool = False) -> list[Finding]:
    """What stands between the individual reports and the consensus. ``experts``: how many the call asks for.

    Fewer than asked blocks. ``early``: an officer decided, with a reason, not to wait: then what is missing is only
    said, but for the rapporteur and two reports, without which there is nothing to agree on. Places are
    ``assignments.<id>`` or ``assignments``. Source: domain.md 8.1.
    """
    counting = [each for each in assignments if each.counts]
    waits = Severity.WARNS if early else Severity.BLOCKS
    found: list[Finding] = []
    if len(counting) < experts:
        message = f"{experts} experts are asked, {len(counting)} are assigned."
        found.append(Finding("few-experts", message, "assignments", waits, "domain.md 8.1"))
    if not any(each.rapporteur and (each.submitted or not early) for each in counting):
        found.append(_blocks("no-rapporteur", "Name a rapporteur.", "assignments"))
    if early and sum(each.submitted for each in counting) < FEWEST_REPORTS:
        message = f"{FEWEST_REPORTS} reports are needed to begin."
        found.append(_blocks("few-reports", message, "assignments"))
    for each in counting:
        place = f"assignments.{each.id}"
        if each.state is AssignmentState.PROPOSED:
            found.append(Finding("not-accepted", f"{each.name} has not answered yet.", place, waits, "domain.md 8.1"))
        elif not each.submitted:
            message = f"The report of {each.name} is not submitted."
            found.append(Finding("no-report", message, place, waits, "domain.md 8.1"))
    return found


def approval_findings(
    judgements: Iterable[Judgement],
    criteria: Sequence[CriterionFacts],
    assignments: Sequence[AssignmentFacts],
    *,
    shortest_comment: int = 1,
    decided: bool = False,
) -> list[Finding]:
    """What stands between a proposed consensus and its approval.

    Everybody but the rapporteur answers; who disagrees does not block, for a report may carry a minority view, but
    staff must see it. ``decided``: an officer decides without the missing answers, with a reason. Who handed in no
    report is not asked. Source: domain.md 8.1.
    """
    found = report_findings(judgements, criteria, shortest_comment=shortest_comment)
    for each in assignments:
        if not each.counts or each.rapporteur or not each.submitted:
            continue
        place = f"assignments.{each.id}"
        if each.opinion is None:
            severity = Severity.WARNS if decided else Severity.BLOCKS
            message = f"{each.name} has not answered the consensus."
            found.append(Finding("no-opinion", message, place, severity, "domain.md 8.1"))
        elif each.opinion is Answer.DISAGREES:
            message = f"{each.name} disagrees: the report must carry that view."
            found.append(Finding("disagrees", message, place, Severity.WARNS, "domain.md 8.1"))
    return found


def _blocks(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.BLOCKS, "domain.md 8.1, 8.2")


def choices(criterion: CriterionFacts) -> list[str]:
    """All scores that the criterion allows, as text; empty where there are too many to choose from."""
    count = int(criterion.maximum / criterion.step) + 1
    if count > _MOST_CHOICES:
        return []
    return [plain_number(criterion.step * index) for index in range(count)]
