"""What the pages of experts take of the database: eight statements at most, however much they show."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from grants.db import db
from grants.experts import services
from grants.experts.models import Employment
from grants.kernel.actor import SYSTEM
from grants.vocabulary import services as vocabulary
from grants.vocabulary.models import Concept
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import cv_of, expert, expert_actor, manager_of
from tests.factories.people import organisation, signed_in
from tests.reporting.counting import statements


def with_everything(name, concepts):
    found = expert(name)
    services.choose_concepts(found, concepts, actor=expert_actor(found.account), now=NOW)
    found.jobs += [
        Employment(name=f"Lab {year}", organisation=organisation(), began_on=date(year, 1, 1))
        for year in (2019, 2020)
    ]
    cv_of(found)
    return found


@pytest.mark.parametrize("address", [
    "/manage/experts", "/manage/experts?keyword=1&q=lab", "/manage/experts/tables", "/manage/experts/{expert}",
    "/manage/topics/{topic}/keywords", "/manage/topics/{topic}/keywords?q=law", "/evaluation/keywords",
    "/evaluation/cv", "/evaluation/profile", "/evaluation/background", "/evaluation/interests",
    "/evaluation/availability",
])  # fmt: skip
def test_a_page_takes_as_many_statements_with_much_as_with_little(app, client, address):
    services.import_keywords(vocabulary.own_file(), actor=SYSTEM, now=NOW)
    concepts = list(db.session.scalars(select(Concept.id).limit(6)))
    of = topic()
    account, _ = manager_of(of)
    found = with_everything("Zoe Simic", concepts[:1])
    db.session.commit()
    signed_in(client, account if address.startswith("/manage") else found.account)
    page = address.format(expert=found.id, topic=of.identifier)
    few = statements(client, page)
    for number in range(4):
        with_everything(f"One more {number}", concepts)
    found.jobs += [Employment(name="One more", organisation=organisation(), began_on=date(2021, 1, 1))]
    services.choose_concepts(found, concepts, actor=expert_actor(found.account), now=NOW)
    db.session.commit()
    db.session.expire_all()
    assert statements(client, page) == few <= 8
