"""Saving what a person types into a report or a consensus: as typed, guarded by a version, in three statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from grants.calls.models import Topic
from grants.db import db
from grants.evaluation import facts
from grants.evaluation.models import Consensus, ConsensusScore, Report, ReportScore
from grants.evaluation.rules import parse_score
from grants.kernel.errors import Invalid, Refused, Stale
from grants.kernel.findings import Finding
from grants.proposals.models import Proposal


def save(
    row: Report | Consensus, proposal: Proposal, values: Mapping[str, str], *, seen: int, editable: StrEnum, by: str,
    now: datetime,
) -> int:  # fmt: skip
    """Save the fields of a report that are in ``values`` (see ``facts.texts``), however incomplete; the new version.

    Raises Stale with both texts where somebody saved since version ``seen``, Invalid for a score that the criterion
    does not have, Refused (``wrong-state``) where the row left the state ``editable`` meanwhile.
    """
    table = type(row)
    lines = _lines(proposal, values)
    plain: dict[str, Any] = {name: values[name] for name in ("overall", "panel_note") if name in values}
    if answers := _answers(proposal.topic, values):
        plain["answers"] = row.answers | {code: row.answers.get(code, {}) | given for code, given in answers.items()}
    version: int | None = db.session.execute(
        update(table)
        .where(table.id == row.id, table.version == seen, table.state == editable)
        .values(**plain, version=table.version + 1, changed_at=now)
        .returning(table.version)
        .execution_options(synchronize_session=False)
    ).scalar()
    if version is None:
        raise _stale(row, values, editable=editable, by=by)
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for line in lines:
        by_columns.setdefault(tuple(name for name in line if name != "criterion_id"), []).append(line)
    for columns, chosen in by_columns.items():
        _upsert(row, chosen, columns)
    _forget(row)
    return version


def _answers(topic: Topic, values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What is given to the questions that the topic asks: answer and remark by code."""
    found: dict[str, dict[str, str]] = {}
    for question in topic.questions:
        code = question["code"]
        given = {name: f"questions.{code}.{name}" for name in ("answer", "remark")}
        texts = {name: values[place] for name, place in given.items() if place in values}
        if texts.get("answer", "") not in {"", "yes", "no"}:
            raise Invalid(Finding("answer", "Answer yes or no.", place=given["answer"]))
        if texts:
            found[code] = texts
    return found


def _forget(row: Report | Consensus) -> None:
    """The session has not seen what was written past it: read again when somebody asks."""
    for score in row.__dict__.get("scores", ()):  # as loaded, without loading
        db.session.expire(score)
    db.session.expire(row)


def _upsert(row: Report | Consensus, lines: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    scores = ReportScore if isinstance(row, Report) else ConsensusScore
    owner, constraint = (
        ("report_id", "uq_report_score_once") if isinstance(row, Report) else
        ("consensus_id", "uq_consensus_score_once")
    )  # fmt: skip
    statement = insert(scores).values([{owner: row.id, **line} for line in lines])
    new = {name: statement.excluded[name] for name in columns}
    db.session.execute(statement.on_conflict_do_update(constraint=constraint, set_=new))


def _lines(proposal: Proposal, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is given for each criterion. Raises Invalid with one finding for each score that is none."""
    found: list[Finding] = []
    lines = []
    for criterion, row in zip(facts.criteria(proposal), facts.criterion_rows(proposal), strict=True):
        place = f"scores.{criterion.code}"
        line: dict[str, Any] = {}
        if f"{place}.score" in values:
            try:
                line["score"] = parse_score(values[f"{place}.score"], criterion)
            except ValueError as problem:
                found.append(Finding("score", f"{criterion.name}: {problem}", place=f"{place}.score"))
        line |= {name: values[f"{place}.{name}"] for name in ("comment", "weaknesses") if f"{place}.{name}" in values}
        if line:
            lines.append({"criterion_id": row.id, **line})
    if found:
        raise Invalid(found)
    return lines


def _stale(row: Report | Consensus, values: Mapping[str, str], *, editable: StrEnum, by: str) -> Exception:
    db.session.refresh(row)
    for each in row.scores:
        db.session.refresh(each)
    if row.state != editable:
        return Refused("wrong-state", "This was handed in meanwhile and is locked now. Reload the page.", status=409)
    theirs = facts.texts(row)
    differing = [name for name, text in values.items() if name in theirs and theirs[name] != text]
    return Stale(
        current={name: theirs[name] for name in differing}, yours={name: values[name] for name in differing},
        version=row.version, by=by,
    )  # fmt: skip
