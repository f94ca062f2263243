"""The registry and the partner search in a browser: what people and officers see, in both widths."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db, transaction
from grants.kernel.actor import Actor
from grants.organisations import queries, services
from grants.organisations.models import DuplicatePair
from grants.organisations.states import OrganisationKind
from grants.partners import services as partners
from grants.partners.states import EntryKind
from tests.factories.organisations import IBAN
from tests.journeys.conftest import enter_as, look

pytestmark = pytest.mark.browser
APPLICANT = "Jonas Lindqvist"


@pytest.fixture
def world(site):
    """Two likely duplicates that an applicant acts for, one with a bank account, and an entry on an open topic."""
    now = datetime.now(UTC)
    with site.app.app_context():
        account = db.session.scalars(select(Account).where(Account.name == APPLICANT)).one()
        actor = Actor(id=account.id, name=account.name, email=account.email)
        with transaction():
            made = [
                services.add_organisation(
                    legal_name=name, original_name="Институт по мира", country="BG", kind=OrganisationKind.REC,
                    actor=actor, now=now, despite_same_name=True,
                )
                for name in ("Institute of Peace Sofia", "Institute for Peace Sofia")
            ]  # fmt: skip
            actor = queries.with_organisations(actor)
            services.add_bank_account(made[0], iban=IBAN, bic="", holder="Institute", actor=actor, now=now)
            of = db.session.scalars(select(Topic).where(Topic.deadline > now, Topic.opens_at <= now)).first()
            assert of is not None
            entry = partners.publish(
                of, kind=EntryKind.OFFER, organisation=made[0], country="", title="We know how peace is made",
                text="Ten years of practice in three countries.", keywords=["peace", "mediation"], actor=actor,
                now=now,
            )  # fmt: skip
        pair = db.session.scalars(select(DuplicatePair).order_by(DuplicatePair.id.desc())).first()
        assert pair is not None
        found = {"pic": made[0].pic, "pair": pair.id, "topic": of.identifier, "entry": entry.id}
        db.session.remove()
    return found


def test_the_pages_of_the_registry_and_the_partner_search(page, site, var, world):
    page.goto("/partners?q=мира")
    page.goto("/partners?q=PEACE")
    page.get_by_role("link", name="We know how peace is made").wait_for()
    look(page, var, "partners")
    page.goto(f"/topics/{world['topic']}")
    page.get_by_role("heading", name="Partner search").wait_for()
    look(page, var, "topic-partners")
    enter_as(page, APPLICANT)
    page.goto("/organisations?q=instit")
    look(page, var, "organisations")
    pic = world["pic"]
    for name in ("", "/edit/names", "/edit/register", "/edit/address", "/people", "/control", "/papers", "/bank"):
        page.goto(f"/organisations/{pic}{name}")
        look(page, var, f"organisation{name.replace('/', '-')}")
    for name, address in {
        "partner-entry": f"/partners/{world['entry']}", "partner-mine": "/partners/mine",
        "partner-new": f"/topics/{world['topic']}/partners/new",
    }.items():  # fmt: skip
        page.goto(address)
        look(page, var, name)
    enter_as(page, "Marie Lambert")
    for name, address in {
        "duplicates": "/manage/organisations/duplicates", "validations": "/manage/organisations",
        "duplicate": f"/manage/organisations/duplicates/{world['pair']}",
    }.items():  # fmt: skip
        page.goto(address)
        look(page, var, name)
    page.goto(f"/partners/{world['entry']}/contact")
    look(page, var, "partner-contact")
    page.get_by_label("Your letter").fill("Shall we apply together?")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name=f"Letters with {APPLICANT}").wait_for()
    look(page, var, "partner-letters")
    site.deliver()
    assert any("Shall we apply together?" in text for _, text in site.letters)
