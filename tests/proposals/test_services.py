"""Saving and submitting on a real PostgreSQL: the deadline, repeated intents, two people at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import uuid4

import pytest
import rfc8785
from sqlalchemy import func, select

from grants.accounts.models import Account
from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.proposals import budgeting, queries, rules, services
from grants.proposals.models import Proposal, Submission
from grants.proposals.states import ParticipantRole, ProposalState
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, organisation, person
from tests.factories.proposals import answer_part_a, document_of, draft

pytestmark = pytest.mark.usefixtures("app")
DEADLINE = NOW + timedelta(days=30)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def contact(app) -> Account:
    return person("Ana Ferreira")


@pytest.fixture
def proposal(contact: Account) -> Proposal:
    return draft(topic(deadline=DEADLINE), main_contact=contact)


def opened(proposal: Proposal, account: Account, now: datetime = NOW) -> queries.Opened:
    return queries.open_proposal(actor_of(account), proposal.number, now=now)


def submit(proposal: Proposal, account: Account, now: datetime = NOW, key=None) -> Submission:
    return services.submit_proposal(
        opened(proposal, account, now), actor=actor_of(account), now=now, key=key or uuid4()
    )


def submissions() -> int:
    return db.session.scalar(select(func.count()).select_from(Submission))


def test_a_proposal_received_a_millisecond_before_the_deadline_is_in(proposal, contact):
    made = submit(proposal, contact, DEADLINE - MILLISECOND)

    assert (made.number, made.submitted_at) == (1, DEADLINE - MILLISECOND)


@pytest.mark.parametrize("late_by", [timedelta(0), MILLISECOND])
def test_a_proposal_received_at_or_after_the_deadline_is_late(proposal, contact, late_by):
    with pytest.raises(Refused) as refused:
        submit(proposal, contact, DEADLINE + late_by)

    assert (refused.value.code, submissions()) == ("deadline-passed", 0)


def test_one_intent_gives_one_version_however_often_it_is_sent(proposal, contact):
    key = uuid4()

    first, second = submit(proposal, contact, key=key), submit(proposal, contact, key=key)

    assert (first.id, submissions()) == (second.id, 1)


def test_a_retry_after_the_deadline_gets_the_receipt_of_the_version_that_was_in_time(proposal, contact):
    key = uuid4()
    first = submit(proposal, contact, DEADLINE - MILLISECOND, key=key)

    assert submit(proposal, contact, DEADLINE + timedelta(seconds=1), key=key).id == first.id


def test_each_submission_is_a_numbered_version_and_the_last_counts(proposal, contact):
    numbers = [submit(proposal, contact).number for _ in range(3)]

    assert numbers == [1, 2, 3]
    assert queries.last_submission(proposal.id).number == 3


def test_a_version_freezes_content_and_files_by_their_hash(proposal, contact):
    made = submit(proposal, contact)
    before = dict(made.content)

    services.save_general(
        opened(proposal, contact), {"title": "Another"}, seen=proposal.version, actor=actor_of(contact), now=NOW
    )
    db.session.expire_all()

    kept = queries.submission(proposal.id, 1)
    assert kept.content == before
    assert kept.content_sha256 == sha256(rfc8785.dumps(before)).hexdigest()
    assert [file.sha256 for file in kept.files] == [entry["sha256"] for entry in before["files"]]


def test_submitting_writes_the_audit_event_and_one_letter(proposal, contact):
    submit(proposal, contact)
    db.session.commit()

    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.object_key == str(proposal.number))).all()
    letter = db.session.scalars(select(Letter).where(Letter.kind == "receipt")).one()
    assert actions == ["proposal.submit"]
    assert (letter.address, str(proposal.number) in letter.subject) == (contact.email, True)
    assert all(file.sha256 in letter.body for file in queries.last_submission(proposal.id).files)


def test_a_draft_without_part_b_is_refused_with_its_place(contact):
    incomplete = draft(topic(deadline=DEADLINE), main_contact=contact, complete=False)
    answer_part_a(incomplete)

    with pytest.raises(Invalid) as refused:
        submit(incomplete, contact)

    assert [(finding.code, finding.place) for finding in refused.value.findings] == [("no-part-b", "part_b")]


def test_a_stranger_finds_nothing(proposal):
    with pytest.raises(NotFound):
        opened(proposal, person("A rival"))


def test_a_draft_is_hidden_from_the_programmes_manager_even_after_the_deadline(proposal):
    from grants.kernel.actor import Role

    code = proposal.topic.call.programme.code
    manager = actor_of(person("Marie"), Role.MANAGER, programme=code)

    with pytest.raises(NotFound):
        queries.open_proposal(manager, proposal.number, now=DEADLINE + timedelta(days=1))


def test_a_submitted_proposal_is_open_to_its_manager_only_after_the_deadline(proposal, contact):
    from grants.kernel.actor import Role

    submit(proposal, contact)
    manager = actor_of(person("Marie"), Role.MANAGER, programme=proposal.topic.call.programme.code)

    with pytest.raises(NotFound):
        queries.open_proposal(manager, proposal.number, now=DEADLINE - MILLISECOND)
    assert queries.open_proposal(manager, proposal.number, now=DEADLINE).proposal.id == proposal.id


def test_a_save_from_an_old_version_is_refused_with_both_texts(proposal, contact):
    seen = proposal.version
    services.save_general(opened(proposal, contact), {"title": "Theirs"}, seen=seen, actor=actor_of(contact), now=NOW)

    with pytest.raises(Stale) as stale:
        services.save_general(
            opened(proposal, contact), {"title": "Mine"}, seen=seen, actor=actor_of(contact), now=NOW
        )

    assert (stale.value.current, stale.value.yours) == ({"title": "Theirs"}, {"title": "Mine"})
    assert stale.value.version == seen + 1


def test_a_draft_saves_whatever_is_typed_into_the_budget(proposal, contact):
    row = proposal.participants[0]

    budgeting.save_budget_row(
        opened(proposal, contact),
        row.id,
        {"A": "12 000,50", "B": "about 3"},
        seen=1,
        actor=actor_of(contact),
        now=NOW,
    )
    db.session.expire_all()

    assert budgeting.budget_texts(row, proposal.topic) == {
        "A": "12000.5", "A.quantity": "20", "B": "about 3", "rate": "100", "requested": "", "own_contribution": "",
        "income": "",
    }  # fmt: skip


def test_a_budget_row_saved_from_an_old_version_is_refused(proposal, contact):
    row = proposal.participants[0]
    whole = opened(proposal, contact)
    budgeting.save_budget_row(whole, row.id, {"A": "5"}, seen=1, actor=actor_of(contact), now=NOW)

    with pytest.raises(Stale) as stale:
        budgeting.save_budget_row(whole, row.id, {"A": "7"}, seen=1, actor=actor_of(contact), now=NOW)

    assert (stale.value.current, stale.value.yours) == ({"A": "5"}, {"A": "7"})


def test_an_organisation_cannot_be_in_a_consortium_twice(proposal, contact):
    known = proposal.participants[1].organisation

    with pytest.raises(Invalid) as refused:
        services.add_participant(
            opened(proposal, contact), known, role=ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
        )

    assert refused.value.code == "in-already"


def test_the_first_organisation_becomes_the_coordinator(contact):
    empty = draft(topic(deadline=DEADLINE), main_contact=contact, partners=0)

    row = services.add_participant(
        opened(empty, contact), organisation(), role=ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
    )

    assert row.role is ParticipantRole.COORDINATOR


def test_a_new_part_b_replaces_the_old_one_which_is_kept(proposal, contact):
    document = document_of(proposal, kind="annex")
    document.kind = "part_b"
    db.session.delete(queries.is_attached(document))
    db.session.flush()

    services.attach(document, now=NOW)
    db.session.expire_all()

    states = [(each.kind, each.removed_at is None) for each in proposal.attachments]
    assert states == [("part_b", False), ("part_b", True)]


def test_a_file_that_was_checked_after_the_deadline_is_not_in_the_proposal(proposal):
    document = document_of(proposal, kind="annex")
    with pytest.raises(Refused) as refused:
        services.attach(document, now=DEADLINE)
    assert refused.value.code == "deadline-passed"


def test_a_withdrawal_can_be_undone_until_the_deadline(proposal, contact):
    submit(proposal, contact)
    services.withdraw(opened(proposal, contact), actor=actor_of(contact), now=NOW)
    assert proposal.state is ProposalState.WITHDRAWN

    services.restore(opened(proposal, contact), actor=actor_of(contact), now=DEADLINE - MILLISECOND)

    assert (proposal.state, proposal.withdrawn_at) == (ProposalState.SUBMITTED, None)


def test_a_page_from_before_a_withdrawal_does_not_say_that_it_was_handed_in(proposal, contact):
    key = uuid4()
    first = services.submit_proposal(opened(proposal, contact), actor=actor_of(contact), now=NOW, key=key)
    services.withdraw(opened(proposal, contact), actor=actor_of(contact), now=NOW)

    with pytest.raises(Refused) as refused:
        services.submit_proposal(opened(proposal, contact), actor=actor_of(contact), now=NOW, key=key)
    assert refused.value.code == "withdrawn"

    services.restore(opened(proposal, contact), actor=actor_of(contact), now=NOW)
    again = services.submit_proposal(opened(proposal, contact), actor=actor_of(contact), now=NOW, key=key)
    assert again.id == first.id


def test_nothing_is_withdrawn_after_the_deadline(proposal, contact):
    submit(proposal, contact)
    with pytest.raises(Refused) as refused:
        services.withdraw(opened(proposal, contact), actor=actor_of(contact), now=DEADLINE)
    assert refused.value.code == "deadline-passed"


def test_no_draft_is_started_before_the_opening_or_after_the_deadline(contact):
    for late in (topic(opens_at=NOW + MILLISECOND), topic(deadline=NOW)):
        with pytest.raises(Refused) as refused:
            services.start_draft(late, organisation=None, actor=actor_of(contact), now=NOW)
        assert refused.value.code == "not-open"


def test_numbers_have_nine_digits_and_differ(contact):
    of = topic(deadline=DEADLINE)
    made = [services.start_draft(of, organisation=None, actor=actor_of(contact), now=NOW).number for _ in range(2)]
    assert len({*made}) == 2
    assert all(100_000_000 <= number <= 999_999_999 for number in made)


def test_what_is_asked_for_is_the_sum_over_participants_with_indirect_costs(proposal, contact):
    made = submit(proposal, contact)
    assert made.requested == Decimal("375000.00")  # 3 x 100 000 + 25 %
    assert rules.Limits().acronym == 20


def test_one_process_makes_many_receipts(app):
    from grants.proposals import receipts
    from tests.factories.proposals import submitted

    for _ in range(2):
        proposal = submitted(topic())
        version = queries.last_submission(proposal.id)
        assert receipts.pdf(version, proposal, base_url="http://localhost").startswith(b"%PDF")
