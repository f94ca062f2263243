"""Two entries become one, with everything kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.documents.models import Document
from grants.experts.facts import expert_facts, parties
from grants.experts.rules import conflicts
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import queries, services
from grants.organisations.models import BankAccount, DuplicatePair, Organisation
from grants.organisations.states import PairState, ValidationState
from grants.proposals.models import Participant
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import expert, manager_of
from tests.factories.organisations import IBAN, OTHER_IBAN, OTHER_VAT, VAT, bank_account, organisation_paper
from tests.factories.partners import entry
from tests.factories.people import actor_of, acts_for, organisation, person
from tests.factories.projects import running
from tests.factories.proposals import draft

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def officer(app):
    return actor_of(person(), Role.MANAGER)


def test_everything_that_referred_to_the_one_refers_to_the_other(officer):
    of = topic()
    proposal = draft(of)
    merged = proposal.participants[0].organisation
    kept = organisation("The one that stays", merged.country)
    people = [person(), person()]
    acts_for(people[0], kept, merged)
    acts_for(people[1], merged)
    works_there = expert()
    works_there.employer_id = merged.id
    offer = entry(of, people[1], merged)
    paper = organisation_paper(merged, people[1])
    for iban in (IBAN, OTHER_IBAN):
        bank_account(merged, people[1], iban)
    bank_account(kept, people[0], IBAN)
    _, manager = manager_of(other := topic())
    project = running(other, manager=manager)
    share = project.participants[0]
    share.organisation = merged
    db.session.flush()
    services.merge(kept, merged, actor=officer, now=NOW)
    db.session.commit()
    db.session.expire_all()
    assert proposal.participants[0].organisation_id == kept.id
    assert share.organisation_id == works_there.employer_id == offer.organisation_id == kept.id
    assert {each.id for each in queries.representatives_of(kept.id)} == {each.id for each in people}
    assert queries.representatives_of(merged.id) == []
    assert [each.id for each in queries.papers_of(kept)] == [paper.id]
    assert sorted(each.iban for each in queries.bank_accounts_of(kept.id)) == sorted([IBAN, OTHER_IBAN])
    assert len(db.session.scalars(select(BankAccount)).all()) == 3
    for action in ("organisation.took_over", "organisation.merged"):
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)).one()
        moved = {(each["table"], each["id"]) for each in event.facts["moved"]}
        assert {
            ("participant", proposal.participants[0].id), ("project_participant", share.id),
            ("expert", works_there.id), ("partner_entry", offer.id), ("document", paper.id),
        } <= moved  # fmt: skip
        assert sum(table == "representative" for table, _ in moved) == 2
        assert sum(table == "bank_account" for table, _ in moved) == 2


def test_no_table_refers_to_an_entry_that_was_merged(officer):
    """Whoever adds a foreign key to organisations must say what a merge does with it."""
    pointing = {
        f"{table.name}.{column.name}"
        for table in Organisation.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "organisation"
    }
    moved = {
        "representative.organisation_id", "representative_invitation.organisation_id", "bank_account.organisation_id",
        "participant.organisation_id", "project_participant.organisation_id", "expert.employer_id",
        "expert_employment.organisation_id",
        "partner_entry.organisation_id", "organisation.superseded_by_id", "topic_invitation.organisation_id",
        "draft_change.organisation_id", "participation_refusal.organisation_id",
    }  # fmt: skip
    stays = {"organisation_owner.organisation_id", "duplicate_pair.first_id", "duplicate_pair.second_id"}
    assert pointing == moved | stays


def test_both_pics_lead_to_the_one_that_stays_and_its_former_name_finds_it(officer):
    merged, kept = organisation("Ministerie van Vrede", "NL"), organisation("Ministry of Peace", "NL")
    services.merge(kept, merged, actor=officer, now=NOW)
    third = organisation("Peace Department", "NL")
    services.merge(third, kept, actor=officer, now=NOW)
    db.session.commit()
    db.session.expire_all()
    for pic in (merged.pic, kept.pic, third.pic):
        assert queries.by_pic(pic).id == third.id
    assert queries.find(merged.pic)[0].id == queries.find("vrede")[0].id == third.id
    assert [each.id for each in queries.find("ministry")] == [third.id]
    assert queries.ids_by_pic([merged.pic, third.pic]) == {merged.pic: third.id, third.pic: third.id}
    assert third.former_names == ["Ministerie van Vrede", "Ministry of Peace"]
    assert {each.pic for each in queries.taken_over(third.id)} == {merged.pic, kept.pic}


def test_a_conflict_of_interest_is_found_by_the_former_name_too(officer):
    proposal = draft(topic())
    merged = proposal.participants[0].organisation
    kept = organisation("A name of today", merged.country)
    works_there = expert()
    works_there.employer_id, works_there.employer_name = None, merged.legal_name
    services.merge(kept, merged, actor=officer, now=NOW)
    db.session.flush()
    facts = expert_facts([works_there], topic_id=proposal.topic_id)[works_there.id]
    found = conflicts(facts, parties([proposal.id])[proposal.id])
    assert [each.code for each in found] == ["employer"]


def test_empty_fields_are_filled_and_full_ones_stay(officer):
    kept, merged = organisation("One", "BE"), organisation("Two", "BE")
    kept.city, merged.city, merged.vat = "Ghent", "Gent", VAT
    db.session.flush()
    plan = services.preview(kept, merged)
    assert plan.filled == {"vat": VAT}
    services.merge(kept, merged, actor=officer, now=NOW)
    assert (kept.city, kept.vat, merged.vat) == ("Ghent", VAT, VAT)


def test_a_validated_entry_that_takes_a_number_over_is_validated_again(officer):
    kept, merged = organisation("One", "BE"), organisation("Two", "BE")
    kept.state, merged.vat = ValidationState.VALIDATED, VAT
    db.session.flush()
    services.merge(kept, merged, actor=officer, now=NOW)
    assert kept.state is ValidationState.DECLARED


def test_participants_of_one_proposal_cannot_become_one(officer):
    proposal = draft(topic())
    one, other = (each.organisation for each in proposal.participants[:2])
    with pytest.raises(Invalid, match=f"proposal {proposal.number}"):
        services.merge(one, other, actor=officer, now=NOW)
    assert other.superseded_by_id is None
    assert len(db.session.scalars(select(Participant.id).where(Participant.organisation_id == other.id)).all()) == 1


def test_participants_of_one_project_cannot_become_one(officer):
    _, manager = manager_of(of := topic())
    project = running(of, manager=manager)
    one, other = (each.organisation for each in project.participants[:2])
    with pytest.raises(Invalid, match=f"project {project.number}"):
        services.merge(one, other, actor=officer, now=NOW)


def test_different_numbers_need_a_confirmation(officer):
    kept, merged = organisation("One", "BE"), organisation("One again", "BE")
    kept.vat, merged.vat = VAT, OTHER_VAT
    db.session.flush()
    with pytest.raises(Invalid, match="VAT") as problem:
        services.merge(kept, merged, actor=officer, now=NOW)
    assert problem.value.findings[0].place == "despite_contradiction"
    services.merge(kept, merged, despite_contradiction=True, actor=officer, now=NOW)
    assert merged.superseded_by_id == kept.id


def test_an_entry_is_merged_once_and_not_into_itself(officer):
    kept, merged, third = organisation(), organisation(), organisation()
    services.merge(kept, merged, actor=officer, now=NOW)
    for one, other in ((third, merged), (merged, third), (kept, kept)):
        with pytest.raises(Invalid, match="merged already"):
            services.merge(one, other, actor=officer, now=NOW)


def test_only_officers_merge(app):
    with pytest.raises(NotFound):
        services.merge(organisation(), organisation(), actor=actor_of(person()), now=NOW)


def test_other_proposals_about_the_merged_entry_are_settled(officer):
    first, second, third = (organisation(f"Agency for Public Order {n}", "AT") for n in ("", "1", "2"))
    for each in (first, second, third):
        services.propose_duplicates(each, now=NOW)
    assert len(db.session.scalars(queries.pairs()).all()) == 3
    services.merge(first, third, actor=officer, now=NOW)
    (left,) = db.session.scalars(queries.pairs()).all()
    assert {left.first_id, left.second_id} == {first.id, second.id}
    states = db.session.scalars(select(DuplicatePair.state)).all()
    assert sorted(states) == [PairState.MERGED, PairState.PROPOSED]


def test_a_paper_that_arrives_after_a_merge_belongs_to_the_one_that_stays(officer):
    kept, merged = organisation(), organisation()
    paper = organisation_paper(merged, person())
    services.merge(kept, merged, actor=officer, now=NOW)
    assert db.session.scalar(select(Document.owner_key).where(Document.id == paper.id)) == str(kept.id)
