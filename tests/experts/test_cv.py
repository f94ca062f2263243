"""The CV of an expert: one PDF, checked, replaced, read by few, removed with its bytes."""

from __future__ import annotations

import html
from datetime import timedelta
from io import BytesIO

import pytest
import typst
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.documents import services as documents
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.experts import queries, services
from grants.experts.states import ProfileState
from grants.kernel.actor import Role
from grants.kernel.errors import Refused
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import cv_of, expert, expert_actor, manager_of
from tests.factories.people import person, signed_in


def pdf(words="My life", pages=1):
    return typst.compile("#pagebreak()\n".join([words] * pages).encode(), format="pdf")


@pytest.fixture
def scene(app, client):
    found = expert("Zoe Simic")
    account, manager = manager_of(topic())
    db.session.commit()
    signed_in(client, found.account)
    return found, account, manager, client


def upload(client, content, name="cv.pdf"):
    return client.post("/evaluation/cv", data={"file": (BytesIO(content), name)}, follow_redirects=True).text


def test_a_cv_is_checked_kept_and_replaced_and_opens_a_validated_profile_again(scene):
    found, _, manager, client = scene
    assert "is your CV now" in upload(client, pdf())
    services.validate_profile(found, actor=manager, now=NOW)
    db.session.commit()
    first = queries.cv_of(found)
    assert (first.pages, first.state) == (1, DocumentState.ACCEPTED)
    assert "second.pdf is your CV now" in upload(client, pdf("Better"), "second.pdf")
    db.session.expire_all()
    assert queries.cv_of(found).name == "second.pdf"
    assert first.removed_at is not None
    assert found.state is ProfileState.ENTERED


@pytest.mark.parametrize(("content", "name", "words"), [
    (b"PK\x03\x04", "cv.zip", "Choose a file of one of these types: PDF."),
    (pdf(pages=11), "cv.pdf", "The file has 11 pages; at most 10 are taken."),
    (b"%PDF-1.7\n" + b"0" * (5 * 1024**2), "cv.pdf", "larger than 5 MB"),
    (b"no pdf at all", "cv.pdf", "PDF"),
])  # fmt: skip
def test_what_is_no_pdf_too_long_or_too_large_is_refused_in_words(scene, content, name, words):
    found, _, _, client = scene
    assert words in html.unescape(upload(client, content, name)).replace("\u00a0", " ")
    assert queries.cv_of(found) is None


def test_the_ticket_says_the_limit_before_a_byte_is_sent(scene):
    client = scene[3]
    asked = {"name": "cv.pdf", "size": 5 * 1024**2 + 1}
    assert client.post("/evaluation/cv/ticket", json=asked).status_code == 422
    assert client.post("/evaluation/cv/ticket", json=asked | {"size": 1000}).status_code == 200


def test_officers_read_it_which_is_written_down_and_others_find_nothing(scene):
    found, account, _, client = scene
    document = cv_of(found, "Life of Zoe.pdf")
    db.session.commit()
    address = f"/files/{document.public_id}"
    assert client.get(address).status_code == 302
    signed_in(client, account)
    assert "Life of Zoe.pdf" in client.get(f"/manage/experts/{found.id}").text
    assert client.get(address).status_code == 302
    actors = db.session.scalars(
        select(AuditEvent.actor_id).where(AuditEvent.action == "document.opened", AuditEvent.object_kind == "expert")
    ).all()
    assert actors == [found.account_id, account.id]
    for other in (expert().account, person(), person("", Role.AUDITOR)):
        db.session.commit()
        signed_in(client, other)
        assert client.get(address).status_code == 404


def test_a_removed_cv_is_read_by_nobody_and_its_bytes_go(scene, app):
    found, _, _, client = scene
    store = app.extensions["store"]
    document = cv_of(found, content=pdf("To be forgotten"), store=store)
    key = document.object_key
    db.session.commit()
    client.post("/evaluation/cv/remove")
    assert queries.cv_of(found) is None
    assert client.get(f"/files/{document.public_id}").status_code == 404
    assert client.post("/evaluation/cv/remove").status_code == 404

    documents.sweep(store=store, now=NOW + timedelta(minutes=1))
    db.session.refresh(document)
    assert (document.state, document.object_key) == (DocumentState.DISCARDED, None)
    assert store.storage.head(key) is None


def test_nobody_gives_another_a_cv(app):
    found = expert()
    document = cv_of(found)
    document.created_by_id = expert().account_id
    with pytest.raises(Refused):
        services.attach_cv(document, now=NOW)
    with pytest.raises(Refused):
        services.remove_cv(found, actor=expert_actor(expert().account), now=NOW)
    assert db.session.scalar(select(Document.removed_at).where(Document.id == document.id)) is None
