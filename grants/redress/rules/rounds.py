"""The new round after an upheld review: who may judge, what scores and decision need. Pure. Source: domain.md 8.6."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import Judgement, report_findings
from grants.experts.rules import Conflict
from grants.kernel.findings import Finding
from grants.ranking.states import Decision
from grants.redress.rules.review import SOURCE
from grants.redress.rules.supplement import Supplement


def why_not_named(*, accepted: bool, assigned: bool, declared: bool, conflicts: Iterable[Conflict]) -> str:
    """Why an expert cannot judge in the new round, in words; empty where nothing stands against it.

    ``accepted``: the invitation to the topic. ``assigned``: the proposal was on their desk, whatever became of it.
    ``declared``: the declaration of interests is valid. ``conflicts``: those that no officer has allowed.

    >>> why_not_named(accepted=True, assigned=True, declared=True, conflicts=[])
    'was asked to evaluate this proposal before'
    """
    if not accepted:
        return "has not accepted an invitation to this topic"
    if assigned:
        return "was asked to evaluate this proposal before"
    if not declared:
        return "has a declaration of interests that is out of date"
    first = next(iter(conflicts), None)
    return f"has a conflict of interest: {first.sentence}" if first else ""


def merged(
    old: Mapping[str, Decimal], new: Mapping[str, Decimal | None], chosen: Sequence[str]
) -> dict[str, Decimal]:
    """The scores that count: new ones where a criterion is judged again, the old agreed ones elsewhere.

    A chosen criterion without a new score is left out.
    """
    kept = {code: score for code, score in old.items() if code not in chosen}
    return kept | {code: score for code in chosen if (score := new.get(code)) is not None}


def judged_findings(
    judgements: Iterable[Judgement], criteria: Sequence[CriterionFacts], *, shortest_comment: int, agreement: str,
    experts: int, least: int, waiting: int = 0,
) -> list[Finding]:  # fmt: skip
    """What stops the new scores from being proposed. ``criteria``: those that are judged again.

    ``experts``: who judge, of whom ``waiting`` have not handed in their report. A comment is needed in any case,
    however short the call allows it. Source: domain.md 8.1 and 8.6.
    """
    found = []
    if experts < least:
        words = f"The round needs at least {least} experts, it has {experts}."
        found.append(Finding("too-few-experts", words, "experts", source=SOURCE))
    if waiting:
        words = f"{waiting} of {experts} experts have not handed in their report. Wait for them, or take them out."
        found.append(Finding("not-handed-in", words, "experts", source=SOURCE))
    found += report_findings(judgements, criteria, shortest_comment=max(1, shortest_comment))
    if not agreement.strip():
        words = "Write down how the experts came to these scores."
        found.append(Finding("no-agreement", words, "agreement", source=SOURCE))
    return found


def decision_findings(decision: Decision | None, reason: str, found: Supplement | None) -> list[Finding]:
    """Why a decision on the supplement cannot be proposed. ``found``: None where the list has no such proposal."""
    if found is None:
        words = "The announced list has no such proposal: it has to be evaluated first."
        return [Finding("not-in-the-list", words, source=SOURCE)]
    problems = []
    if decision is None:
        problems.append(Finding("no-decision", "Choose main list, reserve list or rejected.", "decision"))
    elif found.failures and decision is not Decision.REJECTED:
        words = f"It cannot be funded: {found.failures[0].sentence}."
        problems.append(Finding("below-threshold", words, "decision", source="domain.md 8.2"))
    if not reason.strip():
        problems.append(Finding("no-reason", "Say why: the applicants are told.", "reason"))
    return problems
