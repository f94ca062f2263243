"""A topic with any number of evaluated proposals, filled by SQL: the services would take hours for 10,000."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from flask import Flask
from sqlalchemy import select, text

from grants.accounts import services as accounts
from grants.accounts.models import Account, RoleGrant
from grants.calls.models import Call, Programme, Topic, TopicDeadline
from grants.calls.states import CallState
from grants.calls.templates.prefill import prefill
from grants.db import db
from grants.experts.models import Expert
from grants.kernel.actor import Role
from grants.organisations.models import Organisation
from grants.organisations.states import OrganisationKind
from grants.ranking import queries
from grants.ranking.models import Ranking

#: Proposals on the desk of the measured expert, and drafts of the measured applicant.
DESK, OWN = 300, 60


@dataclass(frozen=True, slots=True)
class Filled:
    """What the measured requests name. ``tokens``: of open sessions, by person."""

    topic: str
    open_topic: str
    draft: int
    desk: list[int]
    tokens: dict[str, str]


def fill(app: Flask, count: int) -> Filled:
    """``count`` submitted, evaluated and ranked proposals in one topic, and ``OWN`` drafts in an open one."""
    now = datetime.now(UTC)
    with app.app_context():
        programme = Programme(code="BENCH", title="Measured")
        closed = topic_of(programme, "BENCH-CLOSED", now - timedelta(days=60), now - timedelta(days=2))
        opened = topic_of(programme, "BENCH-OPEN", now - timedelta(days=2), now + timedelta(days=60))
        people = {name: _person(name, now) for name in ("applicant", "other", "expert", "manager")}
        organisation = Organisation(
            pic="999999999", legal_name="Institute", country="BE", kind=OrganisationKind.PUB, created_at=now
        )
        db.session.add_all([closed, opened, organisation, *people.values()])
        db.session.flush()
        expert = Expert(account_id=people["expert"].id, employer_name="Institute", changed_at=now)
        db.session.add_all(
            [
                expert,
                RoleGrant(account_id=people["expert"].id, role=Role.EVALUATOR, granted_at=now),
                RoleGrant(account_id=people["manager"].id, role=Role.MANAGER, programme_code="BENCH", granted_at=now),
            ]
        )
        db.session.flush()
        values = {
            "closed": closed.id, "opened": opened.id, "now": now, "other": people["other"].id,
            "applicant": people["applicant"].id, "organisation": organisation.id, "expert": expert.id,
            "count": count, "desk": min(DESK, count), "own": OWN, "hash": sha256(b"").hexdigest(),
        }  # fmt: skip
        for statement in _STATEMENTS:
            db.session.execute(text(statement), values)
        ranking = db.session.scalars(select(Ranking)).one()
        ranking.figures = queries.figures(ranking.id)  # as the services keep them
        db.session.commit()
        db.session.execute(text("COMMIT"))
        tokens = {
            name: accounts.open_session(each, now=now, address="127.0.0.1", browser="benchmark")
            for name, each in people.items()
        }
        db.session.commit()
        draft = db.session.execute(
            text("SELECT min(number) FROM proposal WHERE topic_id = :opened"), values
        ).scalar_one()
        desk = list(db.session.scalars(text("SELECT id FROM assignment ORDER BY id")))
        db.session.commit()
        _vacuum()
        return Filled(closed.identifier, opened.identifier, draft, desk, tokens)


def _vacuum() -> None:
    """As autovacuum does within minutes of such a load. While it is at work itself, ours finds nothing that all may
    see, and pages would be read that an index spares: so again, until it does."""
    visible = text("SELECT relallvisible FROM pg_class WHERE relname = 'proposal'")
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(50):
            connection.execute(text("VACUUM (ANALYZE)"))
            if connection.execute(visible).scalar_one():
                return
    raise RuntimeError("The tables cannot be vacuumed: something holds an old snapshot.")


def topic_of(programme: Programme, name: str, opens: datetime, deadline: datetime) -> Topic:
    """A published call of one topic with a common form, criteria and cost categories."""
    call = Call(
        identifier=name, programme=programme, title=name, contact="bench@example.org", zone="Europe/Brussels",
        budget=10_000_000, created_at=opens, state=CallState.PUBLISHED, published_at=opens,
    )  # fmt: skip
    made = Topic(
        call=call, identifier=f"{name}-01", title="A measured topic", description="Words. " * 200, opens_at=opens,
        deadline=deadline, first_deadline=deadline, deadlines=[TopicDeadline(at=deadline)], budget=10_000_000,
        lottery_seed="seed",
    )  # fmt: skip
    prefill(made, "HE-RIA")
    return made


def _person(name: str, now: datetime) -> Account:
    return Account(
        email=f"{name}@bench.example", name=name.title(), password_hash="!", created_at=now, confirmed_at=now
    )


_STATEMENTS = (
    """INSERT INTO proposal (topic_id, state, acronym, title, abstract, duration_months, created_at, changed_at,
           changed_by_id)
       SELECT :closed, 'submitted', 'ACR' || n, 'Proposal number ' || n, repeat('Words of an abstract. ', 60), 24,
           :now, :now, :other FROM generate_series(1, :count) n""",
    """INSERT INTO proposal (topic_id, state, acronym, title, abstract, duration_months, created_at, changed_at,
           changed_by_id)
       SELECT :opened, 'draft', 'OWN' || n, 'Draft number ' || n, repeat('Words of an abstract. ', 60), 24,
           :now, :now, :applicant FROM generate_series(1, :own) n""",
    """INSERT INTO proposal_member (proposal_id, account_id, role)
       SELECT id, CASE WHEN topic_id = :opened THEN :applicant ELSE :other END, 'main_contact' FROM proposal""",
    """INSERT INTO participant (proposal_id, organisation_id, position, role, funding_rate)
       SELECT id, :organisation, 1, 'coordinator', 100 FROM proposal""",
    """INSERT INTO budget_line (participant_id, category, amount) SELECT id, 'A', 100000 FROM participant""",
    """INSERT INTO submission (proposal_id, number, key, code, submitted_at, submitted_by_id, content,
           content_sha256, requested)
       SELECT id, 1, gen_random_uuid(), 'CODE-' || id, :now, :other,
           jsonb_build_object('acronym', acronym, 'title', title, 'abstract', abstract, 'duration_months', 24,
               'requested', '125000.00', 'participants', '[]'::jsonb), :hash, 125000
       FROM proposal WHERE topic_id = :closed""",
    """INSERT INTO assignment (proposal_id, expert_id, state, rapporteur, due_at, created_at, answered_at)
       SELECT id, :expert, 'accepted', false, :now + interval '30 days', :now, :now
       FROM proposal WHERE topic_id = :closed ORDER BY id LIMIT :desk""",
    """INSERT INTO report (assignment_id, state, changed_at, answers)
       SELECT a.id, 'draft', :now, (SELECT jsonb_object_agg(q->>'code', '{"answer": "yes", "remark": ""}'::jsonb)
                                    FROM topic t, jsonb_array_elements(t.questions) q WHERE t.id = :closed)
       FROM assignment a""",
    """INSERT INTO report_score (report_id, criterion_id, score, comment)
       SELECT r.id, c.id, 4, 'Sound, with few shortcomings.' FROM report r, criterion c WHERE c.topic_id = :closed""",
    """INSERT INTO consensus (proposal_id, state, opened_at, changed_at, approved_at)
       SELECT id, 'approved', :now, :now, :now FROM proposal WHERE topic_id = :closed""",
    """INSERT INTO consensus_score (consensus_id, criterion_id, score, comment)
       SELECT k.id, c.id, 3 + (k.id % 5) * 0.5, 'Agreed.' FROM consensus k, criterion c WHERE c.topic_id = :closed""",
    """INSERT INTO ranking (topic_id, state, budget, inputs_sha256, computed_at)
       VALUES (:closed, 'draft', 10000000, :hash, :now)""",
    """INSERT INTO placement (ranking_id, proposal_id, place, total, ranking_score, requested, cumulated, outcome,
           reason)
       SELECT r.id, p.id, row_number() OVER (ORDER BY p.id), 12, 12, 125000, 0,
           CASE WHEN row_number() OVER (ORDER BY p.id) <= 80 THEN 'main' ELSE 'reserve' END, 'Its score is higher.'
       FROM proposal p, ranking r WHERE p.topic_id = :closed""",
)
