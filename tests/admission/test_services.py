"""More time with four eyes, admission after the deadline, exclusions told once, second stages."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from grants.admission import queries, services
from grants.admission.models import RuleDecision
from grants.admission.states import AdmissionState, ExtensionState
from grants.audit.models import AuditEvent
from grants.calls.models import TopicDeadline
from grants.calls.states import DeadlineModel
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.evaluation import services as evaluating
from grants.evaluation.facts import criteria
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from grants.proposals import queries as proposals
from grants.proposals import services as applying
from grants.proposals.models import Proposal
from grants.proposals.states import ProposalState
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, expert, manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import answer_part_a, document_of, draft, submitted
from tests.factories.shared import once

DEADLINE = NOW + timedelta(days=30)
AFTER = DEADLINE + timedelta(hours=1)


@pytest.fixture
def of(app):
    return topic(deadline=DEADLINE)


@pytest.fixture
def managers(of):
    return manager_of(of)[1], manager_of(of)[1]


def letters(kind: str) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == kind)))


def submit(proposal: Proposal, contact, *, now):
    who = actor_of(contact)
    opened = proposals.open_proposal(who, proposal.number, now=now)
    return applying.submit_proposal(opened, actor=who, now=now, key=uuid4())


# more time for one proposal


def test_more_time_needs_two_managers_and_moves_one_deadline_only(of, managers):
    first, second = managers
    contact, other = person(), person()
    late, punctual = draft(of, main_contact=contact), draft(of, main_contact=other)
    until = DEADLINE + timedelta(days=1)
    asked = services.propose_extension(of, late.number, until=until, reason="No line.", actor=first, now=AFTER)
    with pytest.raises(Refused, match="another manager"):
        services.answer_extension(asked, confirm=True, actor=first, now=AFTER)
    with pytest.raises(Refused):
        submit(late, contact, now=AFTER)

    services.answer_extension(asked, confirm=True, actor=second, now=AFTER)

    assert asked.state is ExtensionState.CONFIRMED
    assert submit(late, contact, now=until - timedelta(milliseconds=1)).number == 1
    with pytest.raises(Refused):
        submit(punctual, other, now=AFTER)
    with pytest.raises(Refused):
        submit(late, contact, now=until)
    (letter,) = letters("extended")
    assert (letter.address, "No line." in letter.body) == (contact.email, True)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"number": 999_999_999}, "number"),
        ({"until": DEADLINE}, "until"),
        ({"until": AFTER}, "until"),
        ({"reason": " "}, "reason"),
    ],
)
def test_an_extension_that_is_none_is_refused_at_its_field(of, managers, change, place):
    given = {"number": draft(of).number, "until": DEADLINE + timedelta(days=1), "reason": "A fault."}
    given |= change
    number = given.pop("number")
    with pytest.raises(Invalid) as problem:
        services.propose_extension(of, number, **given, actor=managers[0], now=AFTER)
    assert [each.place for each in problem.value.findings] == [place]


def test_one_extension_waits_at_a_time_and_a_refused_one_changes_nothing(of, managers):
    late = draft(of)
    given = {"until": DEADLINE + timedelta(days=1), "reason": "A fault.", "actor": managers[0], "now": AFTER}
    asked = services.propose_extension(of, late.number, **given)
    with pytest.raises(Invalid, match="waits"):
        services.propose_extension(of, late.number, **given)
    services.answer_extension(asked, confirm=False, actor=managers[0], now=AFTER)
    assert (asked.state, late.extended_until) == (ExtensionState.REFUSED, None)
    assert services.propose_extension(of, late.number, **given).state is ExtensionState.PROPOSED


def test_a_trial_is_no_proposal_that_could_be_extended(of, managers):
    of.call.programme.code = next(iter(managers[0].programmes))
    tried = applying.start_draft(of, organisation=None, actor=managers[0], now=NOW, trial=True)
    assert queries.draft_of(of, tried.number) is None


# admissibility and eligibility


def opened(proposal: Proposal, manager, *, now=AFTER):
    db.session.flush()
    return queries.opened(manager, proposal.number, now=now)


def test_what_the_rules_found_is_kept_with_the_version_and_decided_by_an_officer(of, managers):
    two = submitted(of, partners=2)
    found = opened(two, managers[0])
    assert [(each.key, each.met) for each in found.rules if each.is_open] == [("consortium", False)]
    with pytest.raises(Invalid, match="Decide first"):
        services.decide(found, admit=True, reason="", actor=managers[0], now=AFTER)

    services.decide_rule(
        found, "consortium", met=True, reason="A letter names a third.", actor=managers[0], now=AFTER
    )
    made = services.decide(opened(two, managers[0]), admit=True, reason="", actor=managers[0], now=AFTER)

    assert made.state is AdmissionState.ADMITTED


def test_a_decision_on_a_rule_may_change_and_each_is_in_the_audit_trail(of, managers):
    two = submitted(of, partners=2)
    for met in (True, False):
        services.decide_rule(
            opened(two, managers[0]), "consortium", met=met, reason=f"It is {met}.", actor=managers[0], now=AFTER
        )
    db.session.commit()
    (kept,) = db.session.scalars(select(RuleDecision).where(RuleDecision.proposal_id == two.id))
    assert (kept.met, kept.reason) == (False, "It is False.")
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "proposal.rule_decided")).all()
    assert [each.facts["met"] for each in events] == [True, False]
    with pytest.raises(Invalid, match="not met"):
        services.decide(opened(two, managers[0]), admit=True, reason="", actor=managers[0], now=AFTER)


@pytest.mark.parametrize(("rule", "reason"), [("consortium", " "), ("luck", "Because.")])
def test_a_decision_needs_a_reason_and_a_rule_of_the_version(of, managers, rule, reason):
    two = submitted(of, partners=2)
    with pytest.raises(Invalid):
        services.decide_rule(opened(two, managers[0]), rule, met=True, reason=reason, actor=managers[0], now=AFTER)


@pytest.mark.slow
def test_an_excluded_proposal_is_not_evaluated_and_comes_back_when_it_is_reopened(of, managers):
    good, bad = submitted(of), submitted(of)
    pool = accepted(of, expert(), manager=managers[0])
    services.decide(opened(bad, managers[0]), admit=False, reason="Late papers.", actor=managers[0], now=LATER)
    assert list(db.session.scalars(queries.competing(of, now=LATER))) == [good]
    assert evaluation.totals(of, now=LATER).proposals == 1
    with pytest.raises(Refused, match="inadmissible"):
        evaluating.assign(bad, pool[0], actor=managers[0], now=LATER)

    services.reopen(opened(bad, managers[0], now=LATER), actor=managers[0], now=LATER)

    assert set(db.session.scalars(queries.competing(of, now=LATER))) == {good, bad}
    assert evaluating.assign(bad, pool[0], actor=managers[0], now=LATER)


def test_exclusions_are_told_once_by_their_count_and_stay_from_then_on(of, managers):
    contact = person()
    bad = submitted(of, main_contact=contact)
    services.decide(opened(bad, managers[0]), admit=False, reason="One country only.", actor=managers[0], now=AFTER)
    with pytest.raises(Refused, match="changed"):
        services.tell_excluded(of, count=2, actor=managers[0], now=AFTER)
    assert services.tell_excluded(of, count=1, actor=managers[0], now=AFTER) == 1
    (letter,) = letters("excluded")
    assert (letter.address, "One country only." in letter.body) == (contact.email, True)
    with pytest.raises(Refused):
        services.tell_excluded(of, count=0, actor=managers[0], now=AFTER)
    with pytest.raises(Refused, match="told"):
        services.reopen(opened(bad, managers[0]), actor=managers[0], now=AFTER)


def test_several_are_admitted_together_or_none(of, managers):
    good, two = submitted(of), submitted(of, partners=2)
    both = [opened(good, managers[0]), opened(two, managers[0])]
    with pytest.raises(Invalid, match=str(two.number)):
        services.admit_all(both, count=2, actor=managers[0], now=AFTER)
    with pytest.raises(Refused, match="changed"):
        services.admit_all(both[:1], count=2, actor=managers[0], now=AFTER)
    assert services.admit_all(both[:1], count=1, actor=managers[0], now=AFTER) == 1
    assert queries.counts(of.id, now=AFTER) == {"pending": 1, "admitted": 1, "excluded": 0}


def test_nothing_is_opened_before_the_deadline_or_for_managers_of_other_programmes(of, managers):
    proposal = submitted(of)
    for manager, now in ((managers[0], DEADLINE - timedelta(seconds=1)), (manager_of(topic())[1], AFTER)):
        with pytest.raises(NotFound):
            queries.opened(manager, proposal.number, now=now)


def test_the_opening_asks_the_same_number_of_statements_for_any_number_of_proposals(of, managers):
    for _ in range(3):
        submitted(of)
    found = list(db.session.scalars(queries.opening(of.id, now=AFTER).order_by(Proposal.number)))
    rows = queries.lines(found)
    assert [row.number for row in rows] == [each.number for each in found]
    assert {(row.open_rules, row.state, row.country) for row in rows} == {(0, AdmissionState.PENDING, "BE")}


@pytest.mark.slow
def test_a_manager_decides_in_the_browser(client, clock, of):
    account, _ = manager_of(of)
    good, two = submitted(of), submitted(of, partners=2)
    db.session.commit()
    clock.instant = AFTER
    signed_in(client, account, now=AFTER)
    page = client.get(f"/manage/topics/{of.identifier}/opening").text
    assert str(good.number) in page
    assert "1 rule to decide" in page
    sure = client.post(f"/manage/topics/{of.identifier}/opening/admit", data={"ids": [good.number]})
    assert "Admit 1 proposal to evaluation?" in sure.text
    done = {"ids": [good.number], "confirmed": "1", "count": "1"}
    assert client.post(f"/manage/topics/{of.identifier}/opening/admit", data=done).status_code == 302
    one = f"/manage/proposals/{two.number}/admission"
    assert "There are 2 from 2" in client.get(one).text
    assert client.post(one, data={"decision": "exclude", "reason": ""}).status_code == 422
    assert client.post(one, data={"decision": "exclude", "reason": "Two only."}).status_code == 302
    letter = client.get(f"/manage/topics/{of.identifier}/opening/letters").text
    assert "Send 1 letter" in letter
    assert "Two only." in letter


# stages and cut-offs


@once
def two_stages(app):
    made = topic(deadline=DEADLINE)
    made.deadline_model, made.deadline = DeadlineModel.TWO_STAGE, DEADLINE + timedelta(days=120)
    made.first_deadline = DEADLINE
    made.deadlines.append(TopicDeadline(at=made.deadline))
    db.session.flush()
    return made


def test_a_first_stage_ends_with_the_first_deadline(two_stages):
    contact = person()
    short = draft(two_stages, main_contact=contact)
    with pytest.raises(Refused):
        submit(short, contact, now=DEADLINE)
    assert submit(short, contact, now=DEADLINE - timedelta(milliseconds=1)).number == 1
    with pytest.raises(Refused, match="not open"):
        applying.start_draft(two_stages, organisation=None, actor=actor_of(contact), now=AFTER)


def test_the_second_stage_begins_with_what_the_first_said_and_its_part_b_is_new(two_stages):
    _, manager = manager_of(two_stages)
    contact = person()
    first = submitted(two_stages, main_contact=contact)
    db.session.refresh(first)
    (full,) = services.invite_to_second_stage(two_stages, [first], actor=manager, now=AFTER)
    db.session.commit()
    db.session.refresh(full)

    assert (full.stage, full.first_stage_id, full.state) == (2, first.id, ProposalState.DRAFT)
    assert (full.acronym, full.abstract) == (first.acronym, first.abstract)
    assert [each.organisation_id for each in full.participants] == [
        each.organisation_id for each in first.participants
    ]
    assert full.participants[0].lines[0].amount == first.participants[0].lines[0].amount
    assert {each.section for each in full.answers} == {each.section for each in first.answers}
    assert full.attachments == []
    assert [each.address for each in letters("second_stage")] == [contact.email]
    document_of(full)
    db.session.refresh(full)
    assert submit(full, contact, now=two_stages.deadline - timedelta(milliseconds=1)).number == 1
    assert list(db.session.scalars(queries.competing(two_stages, now=AFTER))) == [first]
    assert list(db.session.scalars(queries.competing(two_stages, now=two_stages.deadline))) == [full]


def test_nobody_is_invited_twice_or_outside_the_time_between(two_stages):
    _, manager = manager_of(two_stages)
    first = submitted(two_stages)
    db.session.refresh(first)
    for moment in (DEADLINE - timedelta(seconds=1), two_stages.deadline):
        with pytest.raises(Refused):
            services.invite_to_second_stage(two_stages, [first], actor=manager, now=moment)
    services.invite_to_second_stage(two_stages, [first], actor=manager, now=AFTER)
    assert list(db.session.scalars(queries.first_stages(two_stages.id))) == []


def test_a_first_stage_is_judged_by_its_own_criteria_and_page_limit(two_stages):
    two_stages.first_stage_page_limit = 10
    short = submitted(two_stages)
    assert [each.code for each in criteria(short)] == ["excellence", "impact"]
    assert {each.threshold for each in criteria(short)} == {4}
    assert proposals.page_limit_of(short) == 10
    short.stage = 2
    assert [each.code for each in criteria(short)] == ["excellence", "impact", "implementation"]


@once
def cut_offs(app):
    made = topic(deadline=DEADLINE + timedelta(days=60))
    made.deadline_model = DeadlineModel.CUT_OFFS
    made.deadlines.insert(0, TopicDeadline(at=DEADLINE))
    made.first_deadline = DEADLINE
    db.session.flush()
    return made


def test_a_proposal_belongs_to_the_cut_off_that_it_was_submitted_before(cut_offs):
    contact = person()
    early, late = draft(cut_offs, main_contact=contact), draft(cut_offs, main_contact=contact)
    submit(early, contact, now=DEADLINE - timedelta(milliseconds=1))
    submit(late, contact, now=DEADLINE)
    assert (early.cut_off, late.cut_off) == (DEADLINE, cut_offs.deadline)
    assert list(db.session.scalars(queries.competing(cut_offs, now=AFTER))) == [early]
    with pytest.raises(Refused):
        submit(early, contact, now=AFTER)  # it is under evaluation
    assert submit(late, contact, now=AFTER).number == 2


def test_a_draft_may_still_come_in_before_a_later_cut_off(cut_offs):
    contact = person()
    made = applying.start_draft(cut_offs, organisation=None, actor=actor_of(contact), now=AFTER)
    assert proposals.closes_at(made) == cut_offs.deadline


@pytest.mark.parametrize("model", list(DeadlineModel))
@pytest.mark.parametrize("stage", [1, 2])
@pytest.mark.parametrize("cut_off", [None, DEADLINE])
@pytest.mark.parametrize("extended", [None, DEADLINE + timedelta(days=5), DEADLINE + timedelta(days=500)])
def test_the_closing_in_sql_equals_the_rule(of, model, stage, cut_off, extended):
    of.deadline_model, of.deadline = model, DEADLINE + timedelta(days=60)
    made = draft(of, complete=False)
    made.stage, made.cut_off, made.extended_until = stage, cut_off, extended
    db.session.flush()
    found = db.session.scalar(
        select(proposals.closing_sql()).select_from(Proposal).join(Proposal.topic).where(Proposal.id == made.id)
    )
    assert found == proposals.closes_at(made)
    made.state = ProposalState.SUBMITTED
    db.session.flush()
    for now in (DEADLINE - timedelta(seconds=1), DEADLINE, of.deadline, DEADLINE + timedelta(days=600)):
        one = select(Proposal.id).join(Proposal.topic).where(Proposal.topic_id == of.id, queries.competes(now))
        assert list(db.session.scalars(one)) == list(
            db.session.scalars(select(Proposal.id).where(queries.competes_in(of, now)))
        )
    answer_part_a(made)
