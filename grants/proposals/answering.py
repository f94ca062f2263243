"""Saving the sections of Part A, each guarded by a version of its own, and taking note of a newer form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from grants.calls.parta.definition import FieldKind, Scope, Section, form_of
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound, Stale
from grants.proposals import access, history, packages, queries
from grants.proposals.access import Part, PartKind
from grants.proposals.models import Answer, Proposal
from grants.proposals.queries import Opened

Given = dict[str, Any]


def section_of_draft(proposal: Proposal, key: str, participant_id: int | None) -> Section:
    """A section of the topic's form, answered once or by this participant. Raises NotFound."""
    section = form_of(proposal.topic.form).section(key)
    if section is None or (section.scope is Scope.PARTICIPANT) != (participant_id is not None):
        raise NotFound
    if participant_id is not None:
        queries.participant_row(proposal, participant_id)
    return section


def save_section(
    opened: Opened,
    section: Section,
    given: Given,
    *,
    participant_id: int | None,
    seen: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Save a section as typed, however incomplete; the new version (0: nothing was saved yet).

    Answers to questions that the form no longer asks are kept beside the new ones. Raises Stale with both texts,
    Refused.
    """
    part = Part(PartKind.SECTION, participant_id, section.key)
    access.may_edit_part(actor, opened.access, part, now=now).require()
    proposal = opened.proposal
    row = _row(proposal, section, participant_id)
    asked = {field.key for field in section.fields}
    kept = {key: value for key, value in (row.given if row else {}).items() if key not in asked}
    before, after = dict(row.given) if row else {}, {**kept, **given}
    saved = {"given": after, "changed_at": now, "changed_by_id": actor.id}
    if row is None and seen == 0:
        statement = insert(Answer).values(
            proposal_id=proposal.id, participant_id=participant_id, section=section.key, version=1, **saved
        )
        made = db.session.execute(statement.on_conflict_do_nothing().returning(Answer.version)).scalar()
    else:
        mine = (Answer.id == (row.id if row else 0), Answer.version == seen)
        statement_ = update(Answer).where(*mine).values(**saved, version=Answer.version + 1)
        made = db.session.execute(
            statement_.returning(Answer.version).execution_options(synchronize_session=False)
        ).scalar()
    if made is None:
        raise _stale(proposal, section, participant_id, given)
    history.touch(proposal.id, actor=actor, now=now)
    whose = None if participant_id is None else queries.participant_row(proposal, participant_id).organisation_id
    history.keep(proposal.id, part, before, after, organisation_id=whose, actor=actor, now=now)
    if packages.is_list(section.key):
        packages.follow(proposal, before, after, actor=actor, now=now)
    return int(made)


def _row(proposal: Proposal, section: Section, participant_id: int | None) -> Answer | None:
    whose = Answer.participant_id.is_not_distinct_from(participant_id)
    return db.session.scalars(
        select(Answer).where(Answer.proposal_id == proposal.id, Answer.section == section.key, whose)
        .execution_options(populate_existing=True)
    ).one_or_none()  # fmt: skip


def _stale(proposal: Proposal, section: Section, participant_id: int | None, given: Given) -> Stale:
    row = _row(proposal, section, participant_id)
    theirs, mine = flat(section, row.given if row else {}), flat(section, given)
    differing = {name for name in {*theirs, *mine} if theirs.get(name, "") != mine.get(name, "")}
    return Stale(
        current={name: theirs.get(name, "") for name in differing},
        yours={name: mine.get(name, "") for name in differing}, version=row.version if row else 0,
        by=row.changed_by.name if row else "",
    )  # fmt: skip


def flat(section: Section, given: Mapping[str, Any]) -> dict[str, str]:
    """Answers by the names of the page's inputs; several choices one a line, cells as ``table-row-column``."""
    texts: dict[str, str] = {}
    for field in section.fields:
        typed = given.get(field.key)
        if field.kind is FieldKind.TABLE:
            for number, row in enumerate(typed or []):
                texts |= {f"{field.key}-{number}-{key}": str(cell) for key, cell in row.items()}
        elif isinstance(typed, list):
            texts[field.key] = "\n".join(str(each) for each in typed)
        else:
            texts[field.key] = str(typed or "")
    return texts


def accept_form(opened: Opened, *, actor: Actor, now: datetime) -> None:
    """The people of the draft have seen what changed in its form. Raises Refused."""
    access.may_edit(actor, opened.access, now=now).require()
    opened.proposal.form_number = opened.proposal.topic.form_number
