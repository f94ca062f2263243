"""A large file in parts, through the app's own addresses: broken off, gone on with, checked by the worker."""

from __future__ import annotations

from io import BytesIO

from grants.db import db
from grants.documents import queries, services
from grants.documents.models import Document
from grants.documents.states import DocumentState
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import person, signed_in
from tests.factories.proposals import draft

MIB = 1024**2
SIZE = 17 * MIB


def test_a_broken_off_upload_goes_on_and_is_checked_by_the_worker(app, client):
    contact = person()
    proposal = draft(topic(), main_contact=contact)
    signed_in(client, contact)
    asked = {"name": "annex.pdf", "size": SIZE, "media_type": "application/pdf"}
    address = f"/proposals/{proposal.number}/files/annex/ticket"
    content = b"%PDF-1.7\n" + b"x" * (SIZE - 9)

    def put(plan, number: int) -> None:
        url = client.post(plan["multipart"]["part_url"], json={"number": number}).json["url"]
        size = plan["multipart"]["part_size"]
        assert client.put(url, data=content[(number - 1) * size : number * size]).status_code == 200

    first = client.post(address, json=asked).json
    put(first, 1)
    again = client.post(address, json={**asked, "document": first["document"]}).json
    assert (again["document"], again["multipart"]["done"]) == (first["document"], [1])

    early = client.post(again["done_url"], headers={"X-Autosave": "1"})
    assert (early.status_code, early.json["code"]) == (422, "parts-missing")
    for number in (2, 3):
        put(again, number)
    assert client.post(again["multipart"]["complete_url"], json={"parts": []}).status_code == 200
    assert client.post(again["done_url"]).json["state"] == "checking"

    document = db.session.query(Document).filter_by(public_id=first["document"]).one()
    services.check(document.id, store=app.extensions["store"], now=NOW)
    assert (document.state, document.findings[0]["code"]) == (DocumentState.REFUSED, "pdf-unreadable")


def test_nobody_goes_on_with_another_persons_upload(app, client):
    proposal = draft(topic(), main_contact=(contact := person()))
    signed_in(client, contact)
    asked = {"name": "annex.pdf", "size": SIZE}
    made = client.post(f"/proposals/{proposal.number}/files/annex/ticket", json=asked).json
    signed_in(client, person())
    for step in ("done_url", "cancel_url"):
        assert client.post(made[step]).status_code == 404
    assert client.get(made["status_url"]).status_code == 404
    assert queries.documents_of(proposal.ref(), kind="annex") == []


def test_a_file_of_three_megabytes_goes_up_without_a_script(app, client):
    proposal = draft(topic(), main_contact=(contact := person()))
    signed_in(client, contact)
    file = (BytesIO(b"%PDF-1.7\n" + b"x" * 3 * MIB), "annex.pdf")
    answer = client.post(f"/proposals/{proposal.number}/files/annex", data={"file": file}, follow_redirects=True)
    assert answer.status_code == 200
    assert "The PDF cannot be read" in answer.text


def test_the_local_store_takes_a_file_by_its_signed_address_alone(app, client):
    proposal = draft(topic(), main_contact=(contact := person()))
    signed_in(client, contact)
    plan = client.post(
        f"/proposals/{proposal.number}/files/annex/ticket", json={"name": "a.pdf", "size": 3 * MIB}
    ).json
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.put(plan["url"], data=b"x" * 3 * MIB).status_code == 200
    assert client.put(plan["url"] + "x", data=b"x").status_code == 403
