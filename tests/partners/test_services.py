"""Entries are published, found, answered without addresses, reported and hidden."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from grants.organisations.queries import with_organisations
from grants.partners import queries, services
from grants.partners.models import PartnerReport
from grants.partners.queries import EntryFilter
from grants.partners.rules import DAY, Limits
from grants.partners.states import EntryKind, EntryState
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of
from tests.factories.partners import entry
from tests.factories.people import actor_of, acts_for, organisation, person, signed_in

pytestmark = pytest.mark.usefixtures("app")


def publish(of, actor, *, organisation=None, now=NOW, **changed):
    values = {
        "kind": EntryKind.REQUEST, "country": "FR", "title": "We look for a port", "text": "For trials at sea.",
        "keywords": ["ports"],
    } | changed  # fmt: skip
    return services.publish(of, organisation=organisation, actor=actor, now=now, **values)


def public(now=NOW, **wanted):
    return [each.title for each in db.session.scalars(queries.public(EntryFilter(**wanted), now=now))]


def letters(kind):
    return db.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)).all()


def test_an_entry_is_public_until_the_deadline_to_the_millisecond():
    of = topic()
    made = publish(of, actor_of(person()))
    before = of.deadline - timedelta(milliseconds=1)
    assert public(before) == ["We look for a port"]
    assert public(of.deadline) == []
    stranger = actor_of(person())
    assert queries.open_entry(stranger, made.id, now=before).id == made.id
    with pytest.raises(NotFound):
        queries.open_entry(stranger, made.id, now=of.deadline)
    with pytest.raises(Refused, match="deadline"):
        publish(of, stranger, now=of.deadline)


def test_entries_on_drafts_and_cancelled_calls_are_not_public():
    of = topic(published=False)
    entry(of, person())
    assert public() == []
    with pytest.raises(Refused):
        publish(of, actor_of(person()))


def test_one_publishes_for_oneself_or_for_an_organisation_that_one_acts_for():
    of, account, own = topic(), person(), organisation("Port of Antwerp", "BE")
    with pytest.raises(Refused, match="act for"):
        publish(of, actor_of(account), organisation=own)
    acts_for(account, own)
    made = publish(of, with_organisations(actor_of(account)), organisation=own)
    assert (made.by, made.country) == ("Port of Antwerp", "BE")
    with pytest.raises(Invalid, match="country"):
        publish(of, actor_of(account), country="")


def test_entries_are_found_by_topic_type_country_and_words_in_any_script():
    of, other = topic(), topic()
    entry(of, person(), title="Ελληνικά drones", keywords=("Überwachung",))
    entry(other, person(), organisation("Lab", "FR"), title="Forensics", kind=EntryKind.REQUEST)
    assert public(topic=of.identifier) == ["Ελληνικά drones"]
    assert public(kind="request") == public(country="FR") == ["Forensics"]
    for words in ("ellinika", "DRONE", "uberwach", "drones ΕΛΛΗΝΙΚΑ"):
        assert public(text=words) == ["Ελληνικά drones"], words
    assert public(text="submarine") == []
    assert len(public(text="'; & | !")) == 2


def test_letters_carry_words_and_a_link_but_no_address():
    author, asker = person("Ada"), person("Ben")
    about = entry(topic(), author)
    begun = services.contact(about, text="Shall we?", shares_address=True, actor=actor_of(asker), now=NOW)
    services.answer(begun, text="Gladly.", shares_address=False, actor=actor_of(author), now=NOW)
    to_author, to_asker = letters("partner_letter")
    assert (to_author.address, to_asker.address) == (author.email, asker.email)
    assert "Shall we?" in to_author.body
    assert "Ben wrote" in to_author.subject
    assert f"/partners/letters/{begun.public_id}" in to_author.body
    for letter in (to_author, to_asker):
        for address in (author.email, asker.email):
            assert address not in letter.body + letter.subject


def test_a_second_letter_goes_on_with_the_same_conversation():
    author, asker = person(), person()
    about = entry(topic(), author)
    first = services.contact(about, text="One", shares_address=False, actor=actor_of(asker), now=NOW)
    second = services.contact(about, text="Two", shares_address=False, actor=actor_of(asker), now=NOW)
    assert first.id == second.id
    assert len(letters("partner_letter")) == 2
    with pytest.raises(NotFound):
        queries.conversation(actor_of(person()), first.public_id)


def test_nobody_writes_to_themselves_or_after_the_deadline_but_conversations_go_on():
    author, asker = person(), person()
    of = topic()
    about = entry(of, author)
    with pytest.raises(Refused, match="own entry"):
        services.contact(about, text="x", shares_address=False, actor=actor_of(author), now=NOW)
    begun = services.contact(about, text="x", shares_address=False, actor=actor_of(asker), now=NOW)
    with pytest.raises(Refused, match="deadline"):
        services.contact(about, text="x", shares_address=False, actor=actor_of(person()), now=of.deadline)
    services.answer(begun, text="y", shares_address=False, actor=actor_of(author), now=of.deadline)


def test_limits_are_the_programme_s_own_and_count_a_moving_day():
    of = topic()
    _, manager = manager_of(of)
    services.set_limits(of.call.programme, Limits(entries=1, letters=1, reports=1), actor=manager, now=NOW)
    actor = actor_of(person())
    publish(of, actor)
    with pytest.raises(Invalid, match="1 entries a day"):
        publish(of, actor, now=NOW + DAY - timedelta(seconds=1))
    publish(of, actor, now=NOW + DAY)
    begun = services.contact(entry(of, person()), text="x", shares_address=False, actor=actor, now=NOW)
    with pytest.raises(Invalid, match="letters a day"):
        services.answer(begun, text="y", shares_address=False, actor=actor, now=NOW)
    with pytest.raises(NotFound):
        services.set_limits(of.call.programme, Limits(), actor=actor, now=NOW)


def test_a_report_reaches_the_managers_once_and_hiding_tells_the_author_why():
    of = topic()
    account, manager = manager_of(of)
    author, reader = person(), person()
    about = entry(of, author)
    for _ in range(2):
        services.report(about, reason="An advertisement", actor=actor_of(reader), now=NOW)
    (told,) = letters("partner_reported")
    assert told.account_id == account.id
    assert "An advertisement" in told.body
    assert reader.name not in told.body
    assert db.session.scalar(select(func.count()).select_from(PartnerReport)) == 1
    with pytest.raises(Invalid):
        services.hide(about, reason=" ", actor=manager, now=NOW)
    services.hide(about, reason="Advertisement", actor=manager, now=NOW)
    assert about.state is EntryState.HIDDEN
    assert public() == []
    assert "Advertisement" in letters("partner_hidden")[0].body
    with pytest.raises(Refused, match="hidden"):
        services.withdraw(about, actor=actor_of(author), now=NOW)
    with pytest.raises(NotFound):
        queries.open_entry(actor_of(reader), about.id, now=NOW)
    services.show(about, actor=manager, now=NOW)
    assert public() == ["We know drones"]
    db.session.commit()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "partner_entry.hide")).one()
    assert (event.reason, event.actor_id) == ("Advertisement", account.id)


def test_managers_of_other_programmes_cannot_hide():
    about = entry(topic(), person())
    _, other = manager_of(topic())
    with pytest.raises(NotFound):
        services.hide(about, reason="x", actor=other, now=NOW)


def test_an_author_withdraws_and_publishes_again_and_so_do_colleagues():
    author, colleague, own = person(), person(), organisation()
    acts_for(colleague, own)
    about = entry(topic(), author, own)
    services.withdraw(about, actor=actor_of(author), now=NOW)
    assert public() == []
    services.publish_again(about, actor=with_organisations(actor_of(colleague)), now=NOW)
    assert public() == ["We know drones"]
    with pytest.raises(NotFound):
        services.withdraw(about, actor=actor_of(person()), now=NOW)


def test_the_pages_show_an_address_only_after_both_have_written(client):
    author, asker = person("Ada"), person("Ben")
    about = entry(topic(), author)
    begun = services.contact(about, text="Shall we?", shares_address=True, actor=actor_of(asker), now=NOW)
    db.session.commit()
    address = f"/partners/letters/{begun.public_id}"
    emails = author.email, asker.email
    assert asker.email not in signed_in(client, author).get(address).text
    assert author.email not in signed_in(client, asker).get(address).text
    signed_in(client, author).post(address, data={"text": "Gladly."})
    assert emails[1] in client.get(address).text
    assert emails[0] not in signed_in(client, asker).get(address).text


def test_the_topic_s_page_lists_entries_and_leads_to_a_new_one(client):
    of, account = topic(), person("Cleo")
    db.session.commit()
    assert "Nobody offers" in client.get(f"/topics/{of.identifier}").text
    signed_in(client, account)
    sent = {"kind": "offer", "organisation": "", "country": "BE", "title": "We know ports", "text": "Well.",
            "keywords": "ports, Ports"}  # fmt: skip
    page = client.post(f"/topics/{of.identifier}/partners/new", data=sent, follow_redirects=True).text
    assert "We know ports" in page
    assert "public until the deadline" in page
    assert "We know ports" in client.get(f"/topics/{of.identifier}").text
    assert account.email not in client.get("/partners").text
    wrong = client.post(f"/topics/{of.identifier}/partners/new", data=sent | {"country": "", "title": ""})
    assert wrong.status_code == 422
    assert "Enter a line" in wrong.text
