"""Loading the small demo on PostgreSQL: through the services, in the past, once, and never among real accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import current_app
from sqlalchemy import func, select

from grants.accounts import queries as accounts
from grants.accounts.models import Account
from grants.app import Options, create_app
from grants.audit import queries as audit
from grants.audit.models import AuditEvent
from grants.calls import queries as calls
from grants.calls.models import Call, Topic
from grants.db import db
from grants.demo import loading as demo
from grants.demo import partb
from grants.demo.people import SIGN_INS
from grants.demo.plan import ACTS_FOR, build
from grants.demo.texts import Stage
from grants.evaluation.models import Consensus
from grants.evaluation.states import ConsensusState
from grants.experts.models import Expert
from grants.kernel.errors import Refused
from grants.kernel.findings import blocking
from grants.notifications.models import Letter
from grants.panels.models import Hearing, Meeting, Observer
from grants.panels.states import MeetingState
from grants.projects.models import Project
from grants.projects.states import ProjectState
from grants.proposals import facts, rules
from grants.proposals.models import Member, Proposal, Submission
from grants.proposals.states import MemberRole, ProposalState
from grants.proposals.writing_models import MemberParticipant
from grants.ranking.models import Placement, Ranking
from grants.ranking.states import RankingState
from grants.redress.models import Request
from grants.redress.states import RequestState
from grants.reporting import queries as reporting
from grants.reporting.models import Deliverable
from grants.reporting.states import DueState
from tests.conftest import NOW
from tests.factories.people import person

pytestmark = pytest.mark.slow
PLAN = build(demo.SEED, "small")


@pytest.fixture(scope="module")
def loaded(migrated, settings):
    """An application on a database of its own with the small demo, and what the loading said."""
    url = migrated()
    app = create_app(replace(settings, database_url=url), Options(testing=True))
    app.extensions["store"].prepare()
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(partb, "pdf", one_page)
        counts = demo.load(store=app.extensions["store"], now=NOW, size="small")
    yield app, counts
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def counts(loaded):
    """What the loading said; its database is the current one. The tests only read."""
    app, said = loaded
    with app.app_context():
        yield said


def one_page(plan, *, topic, made) -> bytes:
    """Setting real ones is tested with the plan."""
    import typst

    return typst.compile(f"#set document(title: {plan.key!r})\n{plan.idea.title}".replace("'", '"').encode())


def test_counts_say_what_was_loaded(counts):
    assert counts["topics"] == db.session.scalar(select(func.count()).select_from(Topic)) == 12
    assert counts["proposals"] == db.session.scalar(select(func.count()).select_from(Proposal))
    assert counts["submitted"] == sum(bool(each.times.submitted) for each in PLAN.proposals)
    assert counts["evaluators"] == db.session.scalar(select(func.count()).select_from(Expert)) == 6


def test_submitted_proposals_are_complete_and_in_time(counts):
    found = db.session.scalars(select(Proposal).where(Proposal.state == ProposalState.SUBMITTED)).all()
    assert len(found) == counts["submitted"]
    for proposal in found:
        assert blocking(rules.draft_findings(facts.proposal_facts(proposal))) == []
        assert all(each.submitted_at < min(NOW, proposal.topic.deadline) for each in proposal.submissions)
        assert proposal.submissions[-1].requested <= proposal.topic.max_grant


def test_every_proposal_has_a_main_contact_who_acts_for_its_coordinator(counts):
    rows = db.session.execute(
        select(Proposal, Account.email).join(Proposal.members).join(Member.account)
        .where(Member.role == MemberRole.MAIN_CONTACT)
    ).all()  # fmt: skip
    assert len(rows) == counts["proposals"]
    assert {"ana@demo.example", "jonas@demo.example"} <= {email for _, email in rows}
    for proposal, email in rows:
        assert proposal.participants[0].organisation.short_name == ACTS_FOR[email]


def test_what_happened_is_in_order_and_nothing_is_in_the_future(counts):
    instants = db.session.scalars(select(AuditEvent.at).order_by(AuditEvent.number)).all()
    assert instants == sorted(instants)
    assert instants[-1] <= NOW


def test_each_stage_is_as_far_as_its_call(counts):
    def states(column, stage):
        keys = [each.idea.acronym for each in PLAN.proposals if each.topic.startswith(stage)]
        return set(db.session.scalars(select(column).where(Project.acronym.in_(keys))))

    rankings = db.session.scalars(select(Ranking)).all()
    assert {each.state for each in rankings} == {RankingState.INFORMED}
    assert {each.topic.call.title for each in rankings} == {
        call.title for call in PLAN.calls if call.stage in {Stage.DECIDED, Stage.RUNNING}
    }
    assert states(Project.state, "decided") == {ProjectState.PREPARATION}
    assert states(Project.state, "running") == {ProjectState.RUNNING}
    assert states(Project.state, "evaluation") == set()
    agreed = db.session.scalars(select(Consensus.state)).all()
    assert ConsensusState.APPROVED in agreed
    assert ConsensusState.DRAFT in agreed


def test_running_projects_are_two_periods_in(counts):
    running = db.session.scalars(select(Project).where(Project.state == ProjectState.RUNNING)).all()
    for project in running:
        periods = reporting.periods(project.id)
        assert [each.ends_on < NOW.date() for each in periods] == [True, True, *[False] * (len(periods) - 2)]
        assert periods[0].state is DueState.ACCEPTED
    done = db.session.scalars(select(Deliverable).where(Deliverable.state == DueState.ACCEPTED)).all()
    assert len(done) >= 3
    assert all(each.document_id for each in done)


def test_decided_proposals_have_the_totals_of_the_plan(counts):
    planned = {each.idea.acronym: sum(score for _, score in each.quality) for each in PLAN.proposals}
    placements = db.session.scalars(select(Placement)).all()
    assert len(placements) == 4
    for each in placements:
        assert each.total == planned[each.proposal.acronym]


def test_the_audit_trail_of_the_demo_is_whole(counts):
    assert list(audit.verify()) == []


def test_every_call_publishes_a_guide(counts):
    for call in db.session.scalars(select(Call)):
        (guide,) = calls.documents_of(call)
        assert (guide.name, guide.media_type) == ("Guide for applicants.pdf", "application/pdf")
        assert guide.pages >= 2


def test_no_letter_of_the_past_is_sent_now(counts):
    assert db.session.scalar(select(func.count()).select_from(Letter)) >= counts["submitted"]
    assert db.session.scalar(select(func.count()).where(Letter.sent_at.is_(None))) == 0


def test_the_first_page_offers_the_sign_ins_only(counts):
    assert [each.email for each in accounts.demo_accounts()] == [each.email for each in SIGN_INS]


def test_the_figures_follow_from_the_seed(counts):
    planned = {each.idea.acronym: each for each in PLAN.proposals}
    for submission in db.session.scalars(select(Submission)):
        plan = planned[submission.content["acronym"]]
        costs = [{code: f"{amount:.2f}" for code, amount in each.costs} for each in plan.partners]
        assert [each["costs"] for each in submission.content["participants"]] == costs


def test_it_is_loaded_once(counts):
    with pytest.raises(Refused) as refused:
        demo.load(store=current_app.extensions["store"], now=NOW, size="small")
    assert refused.value.code == "demo-loaded"


def test_it_never_goes_among_real_accounts(app):
    person("Somebody real")
    with pytest.raises(Refused) as refused:
        demo.load(store=app.extensions["store"], now=NOW, size="small")
    assert refused.value.code == "real-accounts"


@pytest.mark.usefixtures("counts")
def test_two_drafts_are_written_together():
    rows = db.session.execute(
        select(Proposal.partners_read_all, Member.role)
        .join(Member, Member.proposal_id == Proposal.id)
        .where(Member.role.in_([MemberRole.PARTNER_CONTACT, MemberRole.READER]))
        .order_by(Proposal.partners_read_all, Member.role)
    ).all()

    both = [MemberRole.PARTNER_CONTACT, MemberRole.READER]
    assert [tuple(row) for row in rows] == [(False, each) for each in both] + [(True, each) for each in both]
    assert db.session.scalar(select(func.count()).select_from(MemberParticipant)) == 2


def test_a_review_is_asked_for_and_admitted_where_not_everybody_is_funded(counts):
    """The small demo funds all of its decided topics, or shows one request that a committee has to look at."""
    asked = db.session.scalars(select(Request)).all()
    assert [each.state for each in asked] in ([], [RequestState.ADMISSIBLE])


def test_a_panel_is_invited_for_each_topic_under_evaluation(counts):
    meetings = db.session.scalars(select(Meeting)).all()
    assert meetings
    assert {(each.state, each.invited_at is not None, each.starts_at > NOW) for each in meetings} == {
        (MeetingState.PLANNED, True, True)
    }
    assert db.session.scalar(select(func.count()).select_from(Hearing)) == len(meetings)
    assert [each.account.email for each in db.session.scalars(select(Observer))] == ["claire@demo.example"]
