"""Asking for an assignment, stopping it, taking it over; what a manager says of single pairs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from grants.assigning import access, queries
from grants.assigning.models import PairNote, Run
from grants.assigning.rules import Options
from grants.assigning.states import RUN, RunState
from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.kernel.findings import Finding
from grants.proposals.models import Proposal
from grants.queue import AWAITED, defer


def ask_for_run(topic: Topic, options: Options, *, actor: Actor, now: datetime) -> Run:
    """Have the worker compute an assignment. Raises Refused before the deadline, or while one is at work."""
    access.may_assign(actor, programme=topic.call.programme.code).require()
    if topic.first_deadline > now:
        raise Refused("open", "Experts are assigned after the deadline.", status=409)
    if actor.id is None:
        raise NotFound
    run = Run(topic=topic, options=options.as_json(), asked_by_id=actor.id, asked_at=now, state=RunState.WAITING)
    try:
        with db.session.begin_nested():
            db.session.add(run)
            db.session.flush()
    except IntegrityError:
        raise Refused("under-way", "An assignment of this topic is being computed already.", status=409) from None
    record(run.ref(), "assignment_run.asked", actor=actor, now=now, facts={"topic": topic.identifier, **run.options})
    defer("assign_experts", lock=f"assigning:{topic.id}", priority=AWAITED, run_id=run.id)
    return run


def stop_run(run: Run, *, actor: Actor, now: datetime) -> None:
    """Stop a run: at once while it waits, else at its next step. Repeating is harmless. Raises Refused."""
    access.may_assign(actor, programme=run.topic.call.programme.code).require()
    if run.state is RunState.WAITING:
        run.done_at = now
        RUN.go(run, "cancel", actor=actor, now=now)
    elif run.state is RunState.RUNNING:
        run.stop_asked = True
    db.session.flush()


def take_over(run: Run, *, actor: Actor, now: datetime) -> None:
    """Make the assignments that a run proposes; the worker asks the experts, one proposal after the other.

    Raises Refused where it is not finished, or not the newest any more.
    """
    topic = run.topic
    access.may_take_over(actor, programme=topic.call.programme.code, state=run.state).require()
    newest = db.session.scalar(select(Run.id).where(Run.topic_id == topic.id).order_by(Run.id.desc()).limit(1))
    if newest != run.id:
        raise Refused("older", "A newer assignment was computed. Look at that one.", status=409)
    RUN.go(run, "take_over", actor=actor, now=now, topic=topic.identifier)
    db.session.flush()
    defer("take_over_assignment", lock=f"assigning:{topic.id}", run_id=run.id, actor_id=actor.id or 0)


def note_pair(
    proposal: Proposal, expert: Expert, *, fit: int | None, forbidden: bool, actor: Actor, now: datetime
) -> None:
    """Say of a pair that it must not be, or how well it fits, 0 to 1000; said again, the last word counts.

    Raises Refused, Invalid.
    """
    access.may_assign(actor, programme=proposal.topic.call.programme.code).require()
    if not forbidden and (fit is None or not 0 <= fit <= 1000):
        raise Invalid(Finding("fit", "Give a fit from 0 to 1000, or forbid the pair.", place="fit"))
    values = {"fit": None if forbidden else fit, "forbidden": forbidden, "noted_by_id": actor.id, "noted_at": now}
    statement = insert(PairNote).values(proposal_id=proposal.id, expert_id=expert.id, **values)
    made = db.session.execute(
        statement.on_conflict_do_update(constraint="uq_pair_note_once", set_=values).returning(PairNote.id)
    ).scalar_one()
    note = db.session.get_one(PairNote, made, populate_existing=True)
    record(note.ref(), "pair_note.said", actor=actor, now=now, facts={"fit": note.fit, "forbidden": forbidden})


def forget_note(note: PairNote, *, actor: Actor, now: datetime) -> None:
    """Take back what was said of a pair. Raises Refused."""
    access.may_assign(actor, programme=note.proposal.topic.call.programme.code).require()
    record(note.ref(), "pair_note.forgotten", actor=actor, now=now)
    db.session.delete(note)
    db.session.flush()


def forget(topic_id: int, note_id: int, *, actor: Actor, now: datetime) -> None:
    """As ``forget_note``, by identity. Raises NotFound."""
    forget_note(queries.note_of(topic_id, note_id), actor=actor, now=now)
