"""Who works on a proposal and what they reach: invitations, contacts of partners, handing over, leaving."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from grants.proposals import access, answering, budgeting, narrowing, people, queries, services
from grants.proposals.access import CONSORTIUM, FILES, GENERAL, WHOLE, Part, PartKind, Reach
from grants.proposals.models import Member, Proposal
from grants.proposals.states import MemberRole, ProposalState
from grants.proposals.writing_models import MemberInvitation, MemberParticipant
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, person
from tests.factories.proposals import draft

pytestmark = pytest.mark.usefixtures("app")
DEADLINE = NOW + timedelta(days=30)
MAIN, PARTNER, READER = MemberRole.MAIN_CONTACT, MemberRole.PARTNER_CONTACT, MemberRole.READER


@pytest.fixture
def contact(app):
    return person("Ana Ferreira")


@pytest.fixture
def proposal(contact) -> Proposal:
    return draft(topic(deadline=DEADLINE), main_contact=contact)


def opened(proposal, account, *, part=None, now=NOW):
    return queries.open_proposal(actor_of(account), proposal.number, now=now, part=part)


def invited(proposal, contact, role=READER, participant_id=None, email="new@example.org"):
    return people.invite(
        opened(proposal, contact), email, role, participant_id=participant_id, actor=actor_of(contact), now=NOW
    )


def joined(proposal, contact, role=READER, participant_id=None, account=None):
    account = account or person()
    _, token = invited(proposal, contact, role, participant_id, email=account.email)
    people.accept(token, actor=actor_of(account), now=NOW)
    return account


def test_the_link_of_the_letter_makes_its_holder_a_member_and_works_once(proposal, contact):
    invited(proposal, contact, PARTNER, proposal.participants[1].id)
    letter = db.session.scalars(select(Letter).where(Letter.kind == "member_invited")).one()
    token = re.search(r"/proposals/invitations/(\S+)", letter.body).group(1)
    first, second = person(), person()

    people.accept(token, actor=actor_of(first), now=NOW)

    assert opened(proposal, first).access.participants == {proposal.participants[1].id}
    with pytest.raises(Refused, match="not valid any more"):
        people.accept(token, actor=actor_of(second), now=NOW)


def test_the_database_holds_no_token_but_its_hash(proposal, contact):
    asked, token = invited(proposal, contact)

    assert token not in repr({each.key: getattr(asked, each.key) for each in asked.__table__.columns})


def test_an_invitation_ends_with_the_deadline_and_with_its_withdrawal(proposal, contact):
    asked, token = invited(proposal, contact)
    with pytest.raises(Refused):
        people.accept(token, actor=actor_of(person()), now=DEADLINE)

    people.withdraw_invitation(opened(proposal, contact), asked.id, actor=actor_of(contact), now=NOW)

    with pytest.raises(Refused):
        people.accept(token, actor=actor_of(person()), now=NOW)


def test_one_person_sends_so_many_invitations_a_day(proposal, contact):
    for number in range(people.INVITATIONS.most):
        invited(proposal, contact, email=f"n{number}@example.org")

    with pytest.raises(Refused) as refused:
        invited(proposal, contact, email="one-more@example.org")

    assert refused.value.code == "too-many-mails"


@pytest.mark.parametrize("role", [MemberRole.CONTACT, PARTNER, READER])
def test_only_the_main_contact_invites(proposal, contact, role):
    member = joined(proposal, contact, role, proposal.participants[1].id if role is PARTNER else None)

    with pytest.raises(Refused) as refused:
        invited(proposal, member)

    assert refused.value.code == "not-main-contact"


def test_asking_twice_or_a_member_is_refused_and_a_partner_needs_an_organisation(proposal, contact):
    invited(proposal, contact)
    codes = []
    for email, role in (("new@example.org", READER), (contact.email, READER), ("x@example.org", PARTNER)):
        with pytest.raises(Invalid) as invalid:
            invited(proposal, contact, role, email=email)
        codes.append(invalid.value.code)

    assert codes == ["asked-already", "member-already", "organisation-needed"]


def test_one_person_may_be_the_contact_of_several_partners(proposal, contact):
    member = joined(proposal, contact, PARTNER, proposal.participants[1].id)
    joined(proposal, contact, PARTNER, proposal.participants[2].id, account=member)

    reached = opened(proposal, member).access.participants

    assert reached == {row.id for row in proposal.participants[1:]}


def facts(member, *, own=frozenset({2}), read_all=True):
    return access.ProposalAccess(
        state=ProposalState.DRAFT, programme="ISF", opens_at=NOW, deadline=DEADLINE, member=member,
        participants=own, partners_read_all=read_all,
    )  # fmt: skip


PARTS = [
    WHOLE, GENERAL, CONSORTIUM, FILES, Part(PartKind.BUDGET), Part(PartKind.BUDGET, 1), Part(PartKind.BUDGET, 2),
    Part(PartKind.SECTION, None, "declarations"), Part(PartKind.SECTION, 1, "organisation"),
    Part(PartKind.SECTION, 2, "organisation"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "read_all"), list(product(PARTS, [True, False])))
def test_what_each_role_reaches(part, read_all):
    reached = {role: access.reach(facts(role, read_all=read_all), part) for role in (*MemberRole, None)}

    own = part.participant == 2
    assert reached == {
        MAIN: Reach.WRITES, MemberRole.CONTACT: Reach.WRITES, READER: Reach.READS, None: Reach.NOTHING,
        PARTNER: Reach.WRITES if own else Reach.READS if read_all else Reach.NOTHING,
    }  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_contact_without_an_organisation_writes_nothing(part):
    assert access.reach(facts(PARTNER, own=frozenset()), part) < Reach.WRITES


@pytest.mark.parametrize("part", PARTS)
def test_who_may_edit_may_read(part):
    actor = Actor(id=1, name="")
    for role, read_all in product((*MemberRole, None), (True, False)):
        known = facts(role, read_all=read_all)
        if access.may_edit_part(actor, known, part, now=NOW):
            assert access.may_read_part(actor, known, part, now=NOW)


def test_a_partner_saves_their_own_budget_and_section_and_no_other(proposal, contact):
    mine, other = proposal.participants[1], proposal.participants[2]
    member = joined(proposal, contact, PARTNER, mine.id)
    actor = actor_of(member)

    budgeting.save_budget_row(opened(proposal, member), mine.id, {"A": "5"}, seen=1, actor=actor, now=NOW)
    for save in (
        lambda it: budgeting.save_budget_row(it, other.id, {"A": "5"}, seen=1, actor=actor, now=NOW),
        lambda it: services.save_general(it, {"title": "X"}, seen=1, actor=actor, now=NOW),
        lambda it: services.remove_participant(it, other.id, actor=actor, now=NOW),
        lambda it: services.remove_attachment(it, proposal.attachments[0].id, actor=actor, now=NOW),
        lambda it: services.withdraw(it, actor=actor, now=NOW),
        lambda it: answering.accept_form(it, actor=actor, now=NOW),
    ):
        with pytest.raises(Refused) as refused:
            save(opened(proposal, member))
        assert refused.value.code == "not-own-part"


def own_part_only(proposal, contact):
    mine = proposal.participants[1]
    member = joined(proposal, contact, PARTNER, mine.id)
    people.show_partners(opened(proposal, contact), everything=False, actor=actor_of(contact), now=NOW)
    db.session.flush()
    return member


def test_the_whole_is_shut_by_default_where_partners_read_their_own_part(proposal, contact):
    member = own_part_only(proposal, contact)

    with pytest.raises(Refused) as refused:
        queries.open_proposal(actor_of(member), proposal.number, now=NOW)

    assert refused.value.code == "own-part-only"


def test_what_one_may_not_read_is_not_there_to_be_shown(proposal, contact):
    member = own_part_only(proposal, contact)
    found = opened(proposal, member)
    mine = proposal.participants[1].id

    seen = narrowing.findings(found)
    narrowing.narrow(found)

    assert [row.id for row in found.proposal.participants] == [mine]
    assert {each.participant_id for each in found.proposal.answers} <= {mine}
    assert (found.proposal.attachments, found.proposal.abstract) == ([], "")
    assert all(f".{mine}" in each.place for each in seen)
    db.session.flush()
    db.session.expire_all()
    assert len(db.session.get(Proposal, proposal.id).participants) == 3


def test_pages_of_a_partner_name_no_other_organisation_and_no_total(proposal, contact, client):
    from tests.factories.people import signed_in

    member = own_part_only(proposal, contact)
    first, mine, last = (row.organisation.legal_name for row in proposal.participants)
    number, participant = proposal.number, proposal.participants[1].id
    signed_in(client, member)
    pages = ["", "/budget", "/part-a", f"/sections/organisation/{participant}", "/people", "/history"]

    answers = {page: client.get(f"/proposals/{number}{page}") for page in pages}

    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(pages, 200)
    for answer in answers.values():
        assert first not in answer.text
        assert last not in answer.text
        assert "What we do." not in answer.text
    assert mine in answers[""].text
    shut = ["/general", "/consortium", "/files", "/submit", f"/sections/organisation/{participant + 1}"]
    assert [client.get(f"/proposals/{number}{page}").status_code for page in shut] == [403] * 5
    saved = client.post(
        f"/proposals/{number}/budget/{participant}", data={"A": "7", "version": "1"}, headers={"X-Autosave": "1"}
    )
    assert saved.status_code == 200
    assert first not in saved.text


def test_the_main_contacts_role_goes_over_when_the_other_agrees(proposal, contact):
    member = joined(proposal, contact, PARTNER, proposal.participants[1].id)
    row = db.session.scalars(select(Member).where(Member.account_id == member.id)).one()

    people.offer(opened(proposal, contact), row.id, actor=actor_of(contact), now=NOW)
    assert opened(proposal, contact).access.member is MAIN
    people.answer_offer(opened(proposal, member), agreed=True, actor=actor_of(member), now=NOW)

    assert opened(proposal, member).access.member is MAIN
    assert opened(proposal, contact).access.member is MemberRole.CONTACT
    assert db.session.scalar(select(func.count()).select_from(MemberParticipant)) == 0


def test_a_role_that_is_declined_or_not_offered_stays(proposal, contact):
    member = joined(proposal, contact)
    row = db.session.scalars(select(Member).where(Member.account_id == member.id)).one()
    with pytest.raises(NotFound):
        people.answer_offer(opened(proposal, member), agreed=True, actor=actor_of(member), now=NOW)
    people.offer(opened(proposal, contact), row.id, actor=actor_of(contact), now=NOW)

    people.answer_offer(opened(proposal, member), agreed=False, actor=actor_of(member), now=NOW)

    assert opened(proposal, contact).access.member is MAIN
    assert opened(proposal, member).access.member is READER


def test_members_leave_and_are_removed_but_never_the_main_contact(proposal, contact):
    one, other = joined(proposal, contact), joined(proposal, contact)
    row = db.session.scalars(select(Member).where(Member.account_id == one.id)).one()

    people.remove(opened(proposal, contact), row.id, actor=actor_of(contact), now=NOW)
    people.leave(opened(proposal, other), actor=actor_of(other), now=NOW)
    with pytest.raises(Refused, match="needs a main contact"):
        people.leave(opened(proposal, contact), actor=actor_of(contact), now=NOW)

    for gone in (one, other):
        with pytest.raises(NotFound):
            opened(proposal, gone)


def test_contacts_of_a_partner_that_is_taken_out_leave_with_it(proposal, contact):
    of_one = joined(proposal, contact, PARTNER, proposal.participants[1].id)
    of_two = joined(proposal, contact, PARTNER, proposal.participants[1].id)
    joined(proposal, contact, PARTNER, proposal.participants[2].id, account=of_two)

    services.remove_participant(
        opened(proposal, contact), proposal.participants[1].id, actor=actor_of(contact), now=NOW
    )

    with pytest.raises(NotFound):
        opened(proposal, of_one)
    assert opened(proposal, of_two).access.participants == {proposal.participants[2].id}


def test_an_invitation_is_answered_on_its_page_after_signing_in(proposal, contact, client):
    from tests.factories.people import signed_in

    _, token = invited(proposal, contact)
    db.session.commit()
    away = client.get(f"/proposals/invitations/{token}")
    assert away.location.startswith("/sign-in?next=/proposals/invitations/")
    signed_in(client, person())

    shown = client.get(f"/proposals/invitations/{token}")
    assert "Ana Ferreira invites you" in shown.text
    assert db.session.scalar(select(func.count()).select_from(MemberInvitation)) == 1
    answer = client.post(f"/proposals/invitations/{token}", data={"agree": "1"})

    assert answer.location == f"/proposals/{proposal.number}"
    assert client.get(answer.location).status_code == 200
    assert client.get(f"/proposals/invitations/{token}").status_code == 404
