"""The history of a draft, restoring, and who is there now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, select, update

from grants.calls.parta.definition import form_of
from grants.db import db
from grants.kernel.errors import NotFound, Refused, Stale
from grants.proposals import answering, budgeting, history, people, presence, queries, restoring, services
from grants.proposals.models import Attachment, Participant, Proposal
from grants.proposals.states import MemberRole, ParticipantRole
from grants.proposals.writing_models import DraftChange, Presence
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, organisation, person, signed_in
from tests.factories.proposals import document_of, draft, submitted

pytestmark = pytest.mark.usefixtures("app")
DEADLINE = NOW + timedelta(days=30)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def contact(app):
    return person("Ana Ferreira")


@pytest.fixture
def proposal(contact) -> Proposal:
    return draft(topic(deadline=DEADLINE), main_contact=contact)


def opened(proposal, account, now=NOW, part=None):
    db.session.flush()
    db.session.expire_all()
    return queries.open_proposal(actor_of(account), proposal.number, now=now, part=part)


def member(proposal, contact, role=MemberRole.CONTACT, participant_id=None):
    account = person("Jonas Lindqvist")
    _, token = people.invite(
        opened(proposal, contact),
        account.email,
        role,
        participant_id=participant_id,
        actor=actor_of(contact),
        now=NOW,
    )
    people.accept(token, actor=actor_of(account), now=NOW)
    return account


def save(proposal, account, now=NOW, **values):
    found = opened(proposal, account, now)
    services.save_general(found, values, seen=found.proposal.version, actor=actor_of(account), now=now)


def budget(proposal, account, row, now=NOW, **values):
    found = opened(proposal, account, now)
    version = queries.participant_row(found.proposal, row).version
    budgeting.save_budget_row(found, row, values, seen=version, actor=actor_of(account), now=now)


def changes(proposal):
    db.session.expire_all()
    rows = select(DraftChange).where(DraftChange.proposal_id == proposal.id).order_by(DraftChange.id)
    return db.session.scalars(rows).all()


def restore(proposal, account, change, now=NOW, mark=None):
    found = opened(proposal, account, now)
    part = history.part_of_change(change, found)
    seen = mark or restoring.mark(restoring.current(found.proposal, part))
    restoring.restore(found, change.id, seen=seen, actor=actor_of(account), now=now)


def test_saves_of_one_person_to_one_part_within_five_minutes_are_one_row(proposal, contact):
    save(proposal, contact, title="One")
    save(proposal, contact, title="Two", now=NOW + 4 * MINUTE)
    save(proposal, contact, title="Three", now=NOW + 6 * MINUTE)

    assert [(each.before["title"], each.after["title"]) for each in changes(proposal)] == [
        ("A safer net", "Two"),
        ("Two", "Three"),
    ]


def test_another_person_in_between_begins_a_new_row(proposal, contact):
    other = member(proposal, contact)
    save(proposal, contact, title="One")
    save(proposal, other, title="Two")
    save(proposal, contact, title="Three")

    names = [(each.changed_by.name, each.after["title"]) for each in changes(proposal)]
    assert names == [("Ana Ferreira", "One"), ("Jonas Lindqvist", "Two"), ("Ana Ferreira", "Three")]


def test_a_save_that_changes_nothing_leaves_no_row(proposal, contact):
    save(proposal, contact, title="A safer net")

    assert changes(proposal) == []


def test_parts_have_rows_of_their_own(proposal, contact):
    first, second, _ = proposal.participants
    actor = actor_of(contact)
    save(proposal, contact, title="One")
    budget(proposal, contact, first.id, A="5", rate="90")
    budget(proposal, contact, second.id, A="no amount")
    section = form_of(proposal.topic.form).sections[0]
    found = opened(proposal, contact)
    answering.save_section(found, section, {"x": "y"}, participant_id=None, seen=1, actor=actor, now=NOW)
    services.change_role(opened(proposal, contact), second.id, ParticipantRole.COORDINATOR, actor=actor, now=NOW)
    services.remove_attachment(opened(proposal, contact), proposal.attachments[0].id, actor=actor, now=NOW)

    rows = changes(proposal)
    assert [each.kind for each in rows] == ["general", "budget", "budget", "section", "consortium", "files"]
    assert (rows[1].before["A"], rows[1].after["A"], rows[1].after["rate"]) == ("100000", "5", "90")
    assert rows[2].after["A"] == "no amount"
    assert rows[2].organisation.legal_name == second.organisation.legal_name


def test_a_save_takes_one_statement_more_than_without_history(proposal, contact):
    statements = []
    found = opened(proposal, contact)
    texts = services.general_texts(found.proposal)

    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        values = {"title": "New", "acronym": texts["acronym"]}
        services.save_general(found, values, seen=found.proposal.version, actor=actor_of(contact), now=NOW)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)

    assert [each.split()[0] for each in statements] == ["UPDATE", "WITH"]


def test_restoring_a_text_is_a_row_itself_and_can_be_undone(proposal, contact):
    save(proposal, contact, title="Mistake")

    restore(proposal, contact, changes(proposal)[0])
    restored = changes(proposal)[-1]

    assert proposal.title == "A safer net"
    assert (restored.before["title"], restored.after["title"]) == ("Mistake", "A safer net")
    assert restored.restores_id == changes(proposal)[0].id
    restore(proposal, contact, restored)
    assert changes(proposal)[-1].after["title"] == "Mistake"


def test_restoring_is_refused_when_the_part_was_changed_since_the_page_was_shown(proposal, contact):
    save(proposal, contact, title="Mistake")
    found = opened(proposal, contact)
    mark = restoring.mark(restoring.current(found.proposal, history.part_of_change(changes(proposal)[0], found)))
    save(proposal, contact, title="Better already")

    with pytest.raises(Stale):
        restore(proposal, contact, changes(proposal)[0], mark=mark)


def test_restoring_a_budget_row_and_a_section(proposal, contact):
    row, actor = proposal.participants[1].id, actor_of(contact)
    budget(proposal, contact, row, A="5", B="7", rate="90", requested="3")
    section = form_of(proposal.topic.form).sections[0]
    field = section.fields[0].key
    was = {each.section: each.given for each in proposal.answers}[section.key][field]
    found = opened(proposal, contact)
    answering.save_section(found, section, {field: "Mistake"}, participant_id=None, seen=1, actor=actor, now=NOW)

    for each in changes(proposal):
        restore(proposal, contact, each)

    found = opened(proposal, contact)
    texts = budgeting.budget_texts(queries.participant_row(found.proposal, row), found.proposal.topic)
    assert (texts["A"], texts["B"], texts["rate"], texts["requested"]) == ("100000", "0", "100", "")
    assert {each.section: each.given for each in found.proposal.answers}[section.key][field] == was


def test_an_organisation_that_was_taken_out_comes_back_with_its_budget_and_answers(proposal, contact):
    row = proposal.participants[1]
    name, before = row.organisation_id, len(proposal.answers)
    budget(proposal, contact, row.id, A="123")
    services.remove_participant(opened(proposal, contact), row.id, actor=actor_of(contact), now=NOW)
    gone = changes(proposal)[-1]
    assert gone.kind == "consortium"

    restore(proposal, contact, gone)

    found = opened(proposal, contact).proposal
    back = next(each for each in found.participants if each.organisation_id == name)
    assert budgeting.budget_texts(back, found.topic)["A"] == "123"
    assert len(found.answers) == before
    assert changes(proposal)[-1].kind in {"consortium", "budget", "section"}


def test_restoring_the_consortium_takes_out_who_was_not_there_and_gives_the_role_back(proposal, contact):
    chief, actor = proposal.participants[0].id, actor_of(contact)
    services.add_participant(
        opened(proposal, contact), organisation(), role=ParticipantRole.ASSOCIATED, actor=actor, now=NOW
    )
    services.change_role(
        opened(proposal, contact), proposal.participants[1].id, ParticipantRole.COORDINATOR, actor=actor, now=NOW
    )
    (change,) = changes(proposal)

    restore(proposal, contact, change)

    found = opened(proposal, contact).proposal
    assert len(found.participants) == 3
    assert next(each for each in found.participants if each.role is ParticipantRole.COORDINATOR).id == chief


def test_a_role_is_changed_with_everything_kept_and_restored(proposal, contact, client):
    chief, second, *_ = proposal.participants
    budget(proposal, contact, second.id, A="123")
    signed_in(client, contact)
    address = f"/proposals/{proposal.number}/consortium/{second.id}/role"

    answer = client.post(address, data={"role": "associated_partner"}, follow_redirects=True)

    assert f"{second.organisation.legal_name} is an associated partner now." in answer.text
    assert client.post(address, data={"role": "owner"}).status_code == 422
    row = queries.participant_row(opened(proposal, contact).proposal, second.id)
    assert row.role is ParticipantRole.ASSOCIATED
    assert budgeting.budget_texts(row, proposal.topic)["A"] == "123"
    with pytest.raises(Refused):
        services.change_role(
            opened(proposal, contact), chief.id, ParticipantRole.BENEFICIARY, actor=actor_of(contact), now=NOW
        )
    restore(proposal, contact, changes(proposal)[-1])
    db.session.expire_all()
    assert queries.participant_row(proposal, second.id).role is ParticipantRole.BENEFICIARY


def test_who_made_somebody_the_coordinator_meanwhile_is_not_overruled(proposal, contact):
    chief, second, *_ = proposal.participants
    mine = opened(proposal, contact)
    rows = update(Participant).execution_options(synchronize_session=False)
    for row, role in ((chief, ParticipantRole.BENEFICIARY), (second, ParticipantRole.COORDINATOR)):
        db.session.execute(rows.where(Participant.id == row.id).values(role=role))  # by somebody else, in a session
    for change in (
        lambda: services.change_role(mine, second.id, ParticipantRole.ASSOCIATED, actor=actor_of(contact), now=NOW),
        lambda: services.remove_participant(mine, second.id, actor=actor_of(contact), now=NOW),
    ):
        with pytest.raises(Refused, match="another organisation"):
            change()
    db.session.execute(delete(Participant).where(Participant.id == proposal.participants[2].id))
    with pytest.raises(NotFound):
        services.change_role(
            mine, proposal.participants[2].id, ParticipantRole.ASSOCIATED, actor=actor_of(contact), now=NOW
        )


def test_lists_and_history_tell_what_was_handed_in_and_what_was_changed_since(contact, client):
    found = submitted(topic(deadline=DEADLINE), main_contact=contact)
    signed_in(client, contact)
    assert "Submitted, changed since" not in client.get("/proposals").text
    save(found, contact, now=NOW + MINUTE, title="Another title")
    db.session.commit()
    assert "Submitted, changed since" in client.get("/proposals").text
    page = client.get(f"/proposals/{found.number}/history").text
    assert f"/proposals/{found.number}/versions/1" in page
    assert "Another title" in page


def test_a_file_that_was_taken_out_or_replaced_comes_back(proposal, contact):
    kept = proposal.attachments[0]
    services.remove_attachment(opened(proposal, contact), kept.id, actor=actor_of(contact), now=NOW)
    (change,) = changes(proposal)
    document_of(proposal)

    restore(proposal, contact, change)

    there = db.session.scalars(
        select(Attachment.id).where(Attachment.removed_at.is_(None), Attachment.kind == "part_b")
    )
    assert list(there) == [kept.id]


def test_only_who_may_edit_a_part_restores_it_and_before_the_deadline(proposal, contact):
    reader = member(proposal, contact, MemberRole.READER)
    save(proposal, contact, title="Mistake")
    (change,) = changes(proposal)

    for account, now in ((reader, NOW), (contact, DEADLINE)):
        with pytest.raises(Refused):
            restore(proposal, account, change, now=now)
    with pytest.raises(NotFound):
        restore(draft(topic(), main_contact=contact), contact, change, mark="x")


def test_a_partner_who_reads_their_own_part_sees_its_history_alone(proposal, contact):
    mine, other = proposal.participants[1].id, proposal.participants[2].id
    partner = member(proposal, contact, MemberRole.PARTNER_CONTACT, mine)
    for row in (mine, other):
        budget(proposal, contact, row, A="1")
    save(proposal, contact, title="Secret")
    people.show_partners(opened(proposal, contact), everything=False, actor=actor_of(contact), now=NOW)

    seen = db.session.scalars(history.rows_for(opened(proposal, partner))).all()

    assert [(each.kind, each.organisation_id) for each in seen] == [
        ("budget", proposal.participants[1].organisation_id)
    ]


def test_the_page_says_in_words_what_changed_and_restores(proposal, contact, client):
    save(proposal, contact, title="Mistake")
    row = proposal.participants[1]
    budget(proposal, contact, row.id, A="5")
    services.remove_participant(opened(proposal, contact), row.id, actor=actor_of(contact), now=NOW)
    number, first = proposal.number, changes(proposal)[0].id
    signed_in(client, contact)

    page = client.get(f"/proposals/{number}/history").text

    assert "A safer net</del> → Mistake" in page
    assert "A. " in page
    assert "Restore to before this change" in page
    mark = page.rpartition('name="mark" value="')[2].partition('"')[0]
    answer = client.post(f"/proposals/{number}/history/{first}/restore", data={"mark": mark}, follow_redirects=True)
    assert "as it was before the change" in answer.text
    again = client.post(f"/proposals/{number}/history/{first}/restore", data={"mark": mark}, follow_redirects=True)
    assert "changed elsewhere" in again.text


def test_two_people_in_one_place_see_each_other_and_not_those_elsewhere_or_gone(proposal, contact):
    other = member(proposal, contact)

    def here(account, place="general", now=NOW):
        return presence.here(opened(proposal, account, now), place, actor=actor_of(account), now=now)

    assert here(contact) == []
    assert here(other) == ["Ana Ferreira"]
    assert here(contact, now=NOW + timedelta(seconds=20)) == ["Jonas Lindqvist"]
    assert here(other, "budget") == []
    assert here(contact, now=NOW + presence.STILL_HERE) == []


def test_presence_is_for_members_and_for_parts_that_they_read(proposal, contact):
    partner = member(proposal, contact, MemberRole.PARTNER_CONTACT, proposal.participants[1].id)
    people.show_partners(opened(proposal, contact), everything=False, actor=actor_of(contact), now=NOW)

    for place in ("general", f"sections.organisation.{proposal.participants[2].id}"):
        with pytest.raises(Refused):
            presence.here(opened(proposal, partner), place, actor=actor_of(partner), now=NOW)
    with pytest.raises(NotFound):
        presence.here(opened(proposal, contact), "elsewhere", actor=actor_of(contact), now=NOW)
    with pytest.raises(NotFound):
        presence.here(opened(proposal, person()), "general", actor=actor_of(contact), now=NOW)


def test_who_was_there_is_forgotten(proposal, contact):
    presence.here(opened(proposal, contact), "general", actor=actor_of(contact), now=NOW)

    assert presence.sweep(now=NOW + presence.KEPT) == 0
    assert presence.sweep(now=NOW + presence.KEPT + timedelta(seconds=1)) == 1
    assert db.session.scalars(select(Presence)).all() == []


def test_names_are_said_in_words():
    assert [presence.in_words(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "", "A is here too.", "A and B are here too.", "A, B and C are here too.",
    ]  # fmt: skip
