"""Entries: found in any script, changed, proven, and their people and bank accounts."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select, text

from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from grants.organisations import queries, services
from grants.organisations.models import BankAccount, DuplicatePair, Organisation
from grants.organisations.rules import MOST_PROPOSED, fold, trigrams
from grants.organisations.services.people import INVITATIONS
from grants.organisations.states import OrganisationKind, ValidationState
from tests.conftest import NOW
from tests.factories.organisations import IBAN, OTHER_IBAN, VAT, organisation_paper
from tests.factories.people import actor_of, acts_for, organisation, person

pytestmark = pytest.mark.usefixtures("app")


def own(account=None):
    """A new organisation of a person, and the actor who acts for it."""
    account = account or person()
    made = services.add_organisation(
        legal_name=f"Institute {account.id}",
        country="BE",
        kind=OrganisationKind.REC,
        actor=actor_of(account),
        now=NOW,
    )
    return made, queries.with_organisations(actor_of(account))


def officer():
    return actor_of(person(), Role.MANAGER)


def found(words):
    return [each.legal_name for each in queries.find(words)]


def events(action):
    return db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


def add(name, country="GR", **values):
    return services.add_organisation(
        legal_name=name, country=country, kind=OrganisationKind.PUB, actor=actor_of(person()), now=NOW, **values
    )


def test_greek_latin_and_accented_writings_find_each_other():
    add("Ελληνική Αστυνομία")
    add("Elliniki Etaireia", country="CY")
    for text_ in ("Ελληνική", "ELLINIKI", "ellinikí", "ΕΛΛΗΝΙΚΉ"):
        assert set(found(text_)) == {"Ελληνική Αστυνομία", "Elliniki Etaireia"}


@pytest.mark.parametrize("words", ["athens univ", "univ athens", "UNIVERSITY OF ATHENS", "Univresity Athens"])
def test_beginnings_order_and_typing_errors_do_not_matter(words):
    add("University of Athens")
    add("Port of Antwerp", country="BE")
    assert found(words) == ["University of Athens"]


def test_an_organisation_is_found_by_each_of_its_numbers():
    made = add("Numbers", country="BE", vat="0428.759.497", ror="05a28rw58", lei="5493001KJTIIGC8Y1R12")
    for number in (made.pic, "BE 0428.759.497", "https://ror.org/05a28rw58", "5493001kjtiigc8y1r12"):
        assert found(number) == ["Numbers"], number
    assert found("700 999 999") == []


def test_a_search_of_one_letter_or_of_signs_does_no_harm():
    add("Alpha")
    assert "Alpha" in found("a")
    assert found("%") == found("_") == found("!!") == []


def test_wrong_numbers_are_said_at_their_fields():
    with pytest.raises(Invalid) as problem:
        add("Wrong", country="BE", vat="BE0428759498", ror="x", lei="1")
    assert [each.place for each in problem.value.findings] == ["vat", "ror", "lei"]


@pytest.mark.slow
def test_the_search_of_a_large_registry_uses_its_index():
    random, rows = Random(7), []
    for number in range(8000):
        name = " ".join("".join(random.choices("abcdefghiklmnoprstuv", k=8)) for _ in range(3))
        rows.append(
            {"pic": f"8{number:08d}", "legal_name": name, "country": "BE", "kind": "REC", "created_at": NOW,
             "folded": fold(name), "trigrams": sorted(trigrams(fold(name)))}
        )  # fmt: skip
    db.session.execute(Organisation.__table__.insert(), rows)
    db.session.execute(text("ANALYZE organisation"))
    wanted = rows[4321]["legal_name"]
    misspelt = wanted[:3] + wanted[4:]
    assert found(wanted)[0] == wanted
    assert wanted in found(misspelt)
    for statement in (queries.by_words(fold(wanted)), queries.alike(fold(misspelt))):
        plan = _plan_of(statement.limit(20))
        assert "ix_organisation_trigrams" in plan, plan


def _plan_of(statement):
    compiled = statement.compile(db.engine, compile_kwargs={"render_postcompile": True})
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN {compiled}", compiled.params)
    return "\n".join(row[0] for row in rows)


def test_what_papers_proved_is_proven_again_after_a_change():
    made, actor = own()
    organisation_paper(made, db.session.get_one(type(person()), actor.id))
    services.hand_in(made, actor=actor, now=NOW)
    services.validate(made, actor=officer(), now=NOW)
    services.change_organisation(made, values={"city": "Liège"}, actor=actor, now=NOW)
    assert made.state is ValidationState.VALIDATED
    services.change_organisation(made, values={"vat": VAT}, actor=actor, now=NOW)
    assert made.state is ValidationState.DECLARED
    db.session.commit()
    assert events("organisation.change")[0].reason == "Changed: vat"


def test_papers_are_handed_in_refused_with_a_reason_and_handed_in_again():
    made, actor = own()
    with pytest.raises(Invalid, match="at least one paper"):
        services.hand_in(made, actor=actor, now=NOW)
    paper = organisation_paper(made, db.session.get_one(type(person()), actor.id))
    services.hand_in(made, actor=actor, now=NOW)
    with pytest.raises(Refused, match="handed in"):
        services.remove_paper(made, paper, actor=actor, now=NOW)
    with pytest.raises(Invalid):
        services.refuse(made, reason=" ", actor=officer(), now=NOW)
    services.refuse(made, reason="The extract is of 2019", actor=officer(), now=NOW)
    assert (made.state, made.validation_reason) == (ValidationState.REFUSED, "The extract is of 2019")
    letter = db.session.scalars(select(Letter).where(Letter.kind == "organisation_decided")).one()
    assert "The extract is of 2019" in letter.body
    services.hand_in(made, actor=actor, now=NOW)
    services.validate(made, actor=officer(), now=NOW)
    assert (made.state, made.validation_reason) == (ValidationState.VALIDATED, "")


def test_nobody_validates_the_organisation_that_they_act_for():
    account = person()
    made, _ = own(account)
    actor = queries.with_organisations(actor_of(account, Role.MANAGER))
    organisation_paper(made, account)
    services.hand_in(made, actor=actor, now=NOW)
    with pytest.raises(Refused, match="another officer"):
        services.validate(made, actor=actor, now=NOW)
    with pytest.raises(NotFound):
        services.validate(made, actor=actor_of(person()), now=NOW)


def test_a_person_acts_for_an_organisation_only_after_agreeing():
    made, actor = own()
    asked = person("Asked")
    services.invite(made, f" {asked.email.upper()} ", actor=actor, now=NOW)
    assert queries.representatives_of(made.id)[0].id == actor.id
    with pytest.raises(Invalid, match="asked already"):
        services.invite(made, asked.email, actor=actor, now=NOW)
    with pytest.raises(NotFound):
        services.accept_invitation(made, actor=actor_of(person()), now=NOW)
    services.accept_invitation(made, actor=actor_of(asked), now=NOW)
    assert {each.id for each in queries.representatives_of(made.id)} == {actor.id, asked.id}
    with pytest.raises(Invalid, match="acts for"):
        services.invite(made, asked.email, actor=actor, now=NOW)
    db.session.commit()
    assert [each.facts["account"] for each in events("organisation.representative")] == [actor.id, asked.id]


def test_asking_an_address_without_an_account_looks_the_same():
    made, actor = own()
    asked = services.invite(made, "nobody@example.org", actor=actor, now=NOW)
    assert asked.email == "nobody@example.org"
    letter = db.session.scalars(select(Letter).where(Letter.kind == "representative_asked")).one()
    assert letter.address == "nobody@example.org"
    services.withdraw_invitation(made, asked.id, actor=actor, now=NOW)
    assert queries.invitations_of(made.id) == []


def test_nobody_uses_invitations_to_write_to_many_strangers():
    made, actor = own()
    for number in range(INVITATIONS.most):
        asked = services.invite(made, f"stranger{number}@example.org", actor=actor, now=NOW)
        services.withdraw_invitation(made, asked.id, actor=actor, now=NOW)
    with pytest.raises(Refused, match="one day"):
        services.invite(made, "one.more@example.org", actor=actor, now=NOW)
    services.invite(made, "one.more@example.org", actor=actor, now=NOW + INVITATIONS.window)


def test_the_last_person_stays_unless_an_administrator_removes_them():
    made, actor = own()
    with pytest.raises(Refused, match="only person"):
        services.remove_representative(made, actor.id, actor=actor, now=NOW)
    administrator = actor_of(person("", Role.ADMINISTRATOR), Role.ADMINISTRATOR)
    services.remove_representative(made, actor.id, actor=administrator, now=NOW)
    assert queries.representatives_of(made.id) == []
    db.session.commit()
    assert events("organisation.representative_removed")[0].facts == {"account": actor.id}


def test_who_controls_an_organisation_is_declared_with_day_and_person():
    made, actor = own()
    with pytest.raises(Invalid, match="at least one owner"):
        services.declare_control(made, controlled_outside_eu=True, owners=[(" ", "")], actor=actor, now=NOW)
    services.declare_control(
        made, controlled_outside_eu=True, owners=[("Holding", "US"), ("Fund", "LU")], actor=actor, now=NOW
    )
    services.declare_control(made, controlled_outside_eu=False, owners=[("Fund", "LU")], actor=actor, now=NOW)
    assert [(each.name, each.country) for each in made.owners] == [("Fund", "LU")]
    assert (made.controlled_outside_eu, made.control_declared_at, made.control_declared_by_id) == (
        False, NOW, actor.id,
    )  # fmt: skip


def test_a_bank_account_is_checked_told_to_all_and_masked_in_the_trail():
    made, actor = own()
    colleague = person("Colleague")
    acts_for(colleague, made)
    with pytest.raises(Invalid) as problem:
        services.add_bank_account(made, iban="BE00", bic="x", holder=" ", actor=actor, now=NOW)
    assert {each.place for each in problem.value.findings} == {"iban", "bic", "holder"}
    added = services.add_bank_account(made, iban=IBAN, bic="GEBABEBB", holder="Institute", actor=actor, now=NOW)
    with pytest.raises(Invalid, match="there already"):
        services.add_bank_account(made, iban=IBAN, bic="", holder="Institute", actor=actor, now=NOW)
    letters = db.session.scalars(select(Letter).where(Letter.kind == "bank_account_added")).all()
    assert {each.account_id for each in letters} == {actor.id, colleague.id}
    assert not any(IBAN in each.body + each.subject for each in letters)
    services.remove_bank_account(made, added.id, actor=actor, now=NOW)
    services.add_bank_account(made, iban=IBAN, bic="", holder="Institute", actor=actor, now=NOW)
    db.session.commit()
    assert len(events("organisation.bank_added")) == 2
    assert not any(IBAN in each.content for each in db.session.scalars(select(AuditEvent)))


def test_staff_cannot_add_an_account():
    made, _ = own()
    for role in (Role.MANAGER, Role.ADMINISTRATOR):
        with pytest.raises(NotFound):
            services.add_bank_account(
                made, iban=OTHER_IBAN, bic="", holder="X", actor=actor_of(person(), role), now=NOW
            )
    assert db.session.scalars(select(BankAccount)).all() == []


def test_likely_duplicates_are_proposed_when_a_name_or_number_is_written():
    first = add("Hellenic Police Headquarters", country="GR")
    second = add("Hellenic Police Headquarter", country="GR")
    add("Hellenic Police Headquarters", country="CY")
    (pair,) = db.session.scalars(queries.pairs()).all()
    assert (pair.first_id, pair.second_id) == (first.id, second.id)
    assert pair.similarity > 0.8
    abroad = add("Quite Another", country="BE", ror="05a28rw58")
    same = add("Something Else", country="FR", ror="05a28rw58")
    (by_number,) = [each for each in db.session.scalars(queries.pairs()) if each.agree == ["ror"]]
    assert {by_number.first_id, by_number.second_id} == {abroad.id, same.id}


def test_two_that_an_officer_keeps_apart_are_not_proposed_again():
    first, second = add("Hellenic Police Corps"), add("Hellenic Police Corps 2")
    (pair,) = db.session.scalars(queries.pairs()).all()
    with pytest.raises(Invalid):
        services.keep_apart(pair, reason="", actor=officer(), now=NOW)
    services.keep_apart(pair, reason="Two towns", actor=officer(), now=NOW)
    db.session.flush()
    services.propose_duplicates(first, now=NOW)
    services.propose_duplicates(second, now=NOW)
    assert db.session.scalars(queries.pairs()).all() == []


def test_a_name_that_many_have_does_not_flood_the_list():
    for _ in range(MOST_PROPOSED + 5):
        last = organisation("Unknown", country="DE")
    assert services.propose_duplicates(last, now=NOW) == MOST_PROPOSED


def test_an_imported_registry_is_compared_in_portions():
    for name in ("Bundesamt für Prüfung", "Bundesamt fur Prufung", "Hafen Hamburg"):
        organisation(name, country="DE")
    last, portions = 0, 0
    while last is not None:
        last, portions = services.compare_all(now=NOW, after=last, limit=2), portions + 1
    assert portions >= 2
    assert len(db.session.scalars(select(DuplicatePair)).all()) == 1
