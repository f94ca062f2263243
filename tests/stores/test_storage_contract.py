"""What every store promises (``uploads.port``), tried on a real S3 server and on a folder."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from uploads.errors import Mismatch, Missing
from uploads.intake import keep
from uploads.port import CHECKING, INCOMING, OBJECTS, Storage, Ticket, incoming_key, object_key
from uploads.sweep import sweep

from .browsers import SOON, Browser

PDF = "application/pdf"
LATER = datetime(2100, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def content(storage: Storage, key: str) -> bytes:
    with storage.open(key) as source:
        pieces = []
        while piece := source.read(100_000):
            pieces.append(piece)
    return b"".join(pieces)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def ticket_for(storage: Storage, data: bytes, *, expires: timedelta = SOON) -> Ticket:
    return storage.ticket(incoming_key(), size=len(data), media_type=PDF, expires=expires)


def uploaded(browser: Browser, data: bytes) -> Ticket:
    ticket = ticket_for(browser.storage, data)
    assert browser.send(ticket, data).status == 200
    return ticket


class TestObjects:
    @pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
    def test_what_is_put_is_read_back_in_every_size(self, storage: Storage, size: int) -> None:
        data, key = os.urandom(size), incoming_key()

        written = storage.put(key, data, PDF)

        assert (written, storage.head(key), content(storage, key)) == (size, size, data)

    @pytest.mark.slow
    def test_a_long_stream_goes_up_in_parts_and_comes_back_whole(self, storage: Storage) -> None:
        data, key = os.urandom(20 << 20), incoming_key()

        assert storage.put(key, BytesIO(data), PDF) == len(data)

        assert sha(content(storage, key)) == sha(data)
        storage.delete(key)

    def test_a_second_put_replaces_the_first(self, storage: Storage) -> None:
        key = incoming_key()
        storage.put(key, b"first, and longer", PDF)

        storage.put(key, b"second", PDF)

        assert content(storage, key) == b"second"

    def test_what_is_missing_is_said_to_be_missing(self, storage: Storage) -> None:
        key = incoming_key()

        assert storage.head(key) is None
        with pytest.raises(Missing), storage.open(key):
            pass
        with pytest.raises(Missing):
            storage.hold(key)
        storage.delete(key)  # no error

    def test_reading_may_stop_in_the_middle(self, storage: Storage) -> None:
        key = incoming_key()
        storage.put(key, b"x" * 3_000_000, PDF)

        with storage.open(key) as source:
            assert source.read(10) == b"x" * 10

        assert storage.head(key) == 3_000_000

    @pytest.mark.parametrize(
        "key", ["", "incoming/", "incoming/../objects", "/etc/passwd", "objects/aa/" + "b" * 64, "other/" + "a" * 32]
    )
    def test_keys_that_are_not_ours_are_refused(self, storage: Storage, key: str) -> None:
        with pytest.raises(ValueError, match="not a key"):
            storage.head(key)

    def test_listing_tells_size_and_age_below_one_folder(self, storage: Storage) -> None:
        key = incoming_key()
        storage.put(key, b"12345", PDF)

        found = {stored.key: stored for stored in storage.list(INCOMING)}

        assert found[key].size == 5
        assert abs((datetime.now(UTC) - found[key].modified).total_seconds()) < 120
        assert key in {stored.key for stored in storage.list(INCOMING, older_than=LATER)}
        assert key not in {stored.key for stored in storage.list(INCOMING, older_than=LONG_AGO)}
        with pytest.raises(ValueError, match="not a folder"):
            list(storage.list(""))

    def test_the_server_keeps_its_own_files_once(self, storage: Storage) -> None:
        data = os.urandom(50)

        key = keep(storage, data, PDF)

        assert key == keep(storage, data, PDF) == object_key(sha(data))
        assert content(storage, key) == data

    def test_a_good_store_is_healthy_and_may_be_prepared_again(self, storage: Storage) -> None:
        storage.prepare()
        storage.check_health()


class TestTickets:
    def test_a_file_goes_up_by_its_ticket(self, browser: Browser) -> None:
        ticket = uploaded(browser, b"%PDF-1.7 hello")

        assert content(browser.storage, ticket.key) == b"%PDF-1.7 hello"
        assert ticket.as_json()["headers"] == {"Content-Type": PDF}

    def test_an_empty_file_goes_up_too(self, browser: Browser) -> None:
        ticket = uploaded(browser, b"")

        assert browser.storage.head(ticket.key) == 0

    @pytest.mark.parametrize("sent", [b"", b"1234", b"123456"])
    def test_another_size_than_promised_is_refused(self, browser: Browser, sent: bytes) -> None:
        ticket = ticket_for(browser.storage, b"12345")

        assert browser.send(ticket, sent).status in (400, 403)
        assert browser.storage.head(ticket.key) is None

    def test_another_type_than_promised_is_refused(self, browser: Browser) -> None:
        ticket = ticket_for(browser.storage, b"12345")

        assert browser.put(ticket.url, b"12345", {"Content-Type": "text/html"}).status in (400, 403)
        assert browser.storage.head(ticket.key) is None

    def test_a_changed_address_is_refused(self, browser: Browser) -> None:
        ticket = ticket_for(browser.storage, b"12345")
        middle = len(ticket.url) - 20
        other = "A" if ticket.url[middle] != "A" else "B"
        forged = ticket.url[:middle] + other + ticket.url[middle + 1 :]

        assert browser.put(forged, b"12345", dict(ticket.headers)).status == 403
        assert browser.storage.head(ticket.key) is None

    def test_an_address_is_good_for_its_own_key_only(self, browser: Browser) -> None:
        one, other = ticket_for(browser.storage, b"12345"), incoming_key()

        assert browser.put(one.url.replace(one.key, other), b"12345", dict(one.headers)).status in (200, 403)

        assert browser.storage.head(other) is None

    def test_an_address_to_put_cannot_get_and_the_other_way_round(self, browser: Browser) -> None:
        ticket = uploaded(browser, b"12345")
        shown = browser.storage.get_url(ticket.key, filename="a.pdf", media_type=PDF, expires=SOON)

        assert browser.get(ticket.url).status == 403
        assert browser.put(shown, b"99999", dict(ticket.headers)).status == 403
        assert content(browser.storage, ticket.key) == b"12345"


class TestParts:
    data = os.urandom(20 << 20)

    def begun(self, browser: Browser) -> tuple[Ticket, str]:
        ticket = ticket_for(browser.storage, self.data)
        assert ticket.upload_id
        return ticket, ticket.upload_id

    @pytest.mark.slow
    def test_twenty_mebibytes_go_up_in_parts_and_resume_where_they_stopped(self, browser: Browser) -> None:
        ticket, upload_id = self.begun(browser)
        assert ticket.parts == (1, 2, 3)
        assert browser.send_part(ticket, self.data, 1).status == 200
        assert browser.send_part(ticket, self.data, 3).status == 200

        arrived = {part.number for part in browser.storage.list_parts(ticket.key, upload_id)}
        for number in set(ticket.parts) - arrived:
            assert browser.send_part(ticket, self.data, number).status == 200
        written = browser.storage.complete(ticket.key, upload_id, size=ticket.size)

        assert (arrived, written) == ({1, 3}, len(self.data))
        assert sha(content(browser.storage, ticket.key)) == sha(self.data)
        held = browser.storage.hold(ticket.key)
        key = browser.storage.accept(held, sha(self.data))
        assert sha(content(browser.storage, key)) == sha(self.data)
        assert browser.storage.head(ticket.key) is None
        browser.storage.delete(key)

    @pytest.mark.slow
    def test_a_part_sent_again_counts_as_it_was_sent_last(self, browser: Browser) -> None:
        ticket, upload_id = self.begun(browser)
        for number in ticket.parts:
            browser.send_part(ticket, bytes(len(self.data)), number)
        for number in ticket.parts:
            browser.send_part(ticket, self.data, number)

        browser.storage.complete(ticket.key, upload_id, size=ticket.size)

        assert sha(content(browser.storage, ticket.key)) == sha(self.data)
        browser.storage.delete(ticket.key)

    def test_a_missing_part_stops_the_completion_and_loses_nothing(self, browser: Browser) -> None:
        ticket, upload_id = self.begun(browser)
        with pytest.raises(Mismatch):
            browser.storage.complete(ticket.key, upload_id)
        browser.send_part(ticket, self.data, 1)
        browser.send_part(ticket, self.data, 3)

        with pytest.raises(Mismatch, match="missing: 2"):
            browser.storage.complete(ticket.key, upload_id)
        with pytest.raises(Mismatch):
            browser.storage.complete(ticket.key, upload_id, size=ticket.size)

        assert len(browser.storage.list_parts(ticket.key, upload_id)) == 2
        assert browser.storage.head(ticket.key) is None
        browser.storage.abort(ticket.key, upload_id)

    def test_parts_whose_sum_is_not_what_was_promised_are_no_file(self, browser: Browser) -> None:
        ticket, upload_id = self.begun(browser)
        browser.send_part(ticket, self.data, 1)

        with pytest.raises(Mismatch, match="promised"):
            browser.storage.complete(ticket.key, upload_id, size=ticket.size)

        browser.storage.abort(ticket.key, upload_id)

    def test_a_cancelled_upload_leaves_nothing_and_takes_nothing(self, browser: Browser) -> None:
        ticket, upload_id = self.begun(browser)
        browser.send_part(ticket, self.data, 1)

        browser.storage.abort(ticket.key, upload_id)
        browser.storage.abort(ticket.key, upload_id)  # no error

        with pytest.raises(Missing):
            browser.storage.list_parts(ticket.key, upload_id)
        with pytest.raises(Missing):
            browser.storage.complete(ticket.key, upload_id)
        assert browser.send_part(ticket, self.data, 2).status in (400, 404)

    def test_an_upload_belongs_to_its_key(self, browser: Browser) -> None:
        ticket, upload_id = self.begun(browser)

        with pytest.raises(Missing):
            browser.storage.list_parts(incoming_key(), upload_id)
        with pytest.raises(Missing):
            browser.storage.list_parts(ticket.key, "../../etc")

        browser.storage.abort(ticket.key, upload_id)

    def test_the_caller_may_choose_parts_for_a_small_file(self, storage: Storage) -> None:
        ticket = storage.ticket(
            incoming_key(), size=6 << 20, media_type=PDF, expires=SOON, multipart_part_size=5 << 20
        )

        assert (ticket.part_size, ticket.parts, ticket.url) == (5 << 20, (1, 2), "")
        assert ticket.upload_id
        storage.abort(ticket.key, ticket.upload_id)


class TestAcceptance:
    def test_an_accepted_object_is_named_by_its_content_and_nothing_else_is_left(self, browser: Browser) -> None:
        data = os.urandom(100)
        ticket = uploaded(browser, data)

        held = browser.storage.hold(ticket.key)
        key = browser.storage.accept(held, sha(data))

        assert key == f"objects/{sha(data)[:2]}/{sha(data)}"
        assert content(browser.storage, key) == data
        assert (browser.storage.head(held), browser.storage.head(ticket.key)) == (None, None)

    def test_a_second_put_after_acceptance_changes_nothing_that_counts(self, browser: Browser) -> None:
        good, evil = b"the checked text", b"another contents"
        ticket = uploaded(browser, good)
        key = browser.storage.accept(browser.storage.hold(ticket.key), sha(good))

        assert browser.send(ticket, evil).status == 200  # the address is still good

        assert content(browser.storage, key) == good

    def test_a_second_put_between_check_and_acceptance_changes_nothing_that_counts(self, browser: Browser) -> None:
        good, evil = b"the checked text", b"another contents"
        ticket = uploaded(browser, good)
        held = browser.storage.hold(ticket.key)
        assert content(browser.storage, held) == good

        assert browser.send(ticket, evil).status == 200
        again = browser.storage.hold(ticket.key)
        key = browser.storage.accept(held, sha(good))

        assert content(browser.storage, key) == good
        assert content(browser.storage, again) == evil
        browser.storage.delete(again)

    def test_an_incoming_key_is_read_again_before_it_is_accepted(self, browser: Browser) -> None:
        good, evil = b"the checked text", b"another contents"
        ticket = uploaded(browser, good)
        browser.send(ticket, evil)

        with pytest.raises(Mismatch):
            browser.storage.accept(ticket.key, sha(good))
        key = browser.storage.accept(ticket.key, sha(evil))

        assert content(browser.storage, key) == evil

    def test_the_same_bytes_twice_are_one_object(self, browser: Browser) -> None:
        data = os.urandom(30)
        first, second = uploaded(browser, data), uploaded(browser, data)

        keys = {browser.storage.accept(browser.storage.hold(ticket.key), sha(data)) for ticket in (first, second)}

        assert keys == {object_key(sha(data))}
        assert len([stored for stored in browser.storage.list(OBJECTS) if stored.key in keys]) == 1

    def test_what_was_never_held_cannot_be_accepted(self, storage: Storage) -> None:
        with pytest.raises(Missing):
            storage.accept(f"checking/{'a' * 32}.{'b' * 16}", sha(b""))
        with pytest.raises(ValueError, match="SHA-256"):
            storage.accept(f"checking/{'a' * 32}.{'b' * 16}", "../../etc/passwd")


class TestDownloads:
    NAMES = [
        "Part B.pdf",
        "Žádost – díl B.pdf",
        "предложение.pdf",
        "提案書 📎.pdf",
        'a"; filename="evil.exe.pdf',
        "a\r\nSet-Cookie: x=1.pdf",
        "../../etc/passwd",
        "100% ready;.pdf",
    ]

    @pytest.mark.parametrize("name", NAMES)
    def test_an_object_comes_back_under_a_safe_name_and_our_type(self, browser: Browser, name: str) -> None:
        key = keep(browser.storage, b"<script>alert(1)</script>", "text/html")

        answer = browser.get(browser.storage.get_url(key, filename=name, media_type=PDF, expires=SOON))

        assert (answer.status, answer.media_type) == (200, PDF)
        assert answer.body == b"<script>alert(1)</script>"
        assert answer.disposition.startswith('attachment; filename="')
        assert answer.disposition.count('"') == 2
        assert "/" not in answer.disposition
        assert "Set-Cookie" not in answer.disposition.partition(";")[0]

    def test_an_object_may_be_shown_in_place(self, browser: Browser) -> None:
        key = keep(browser.storage, b"%PDF-", PDF)

        url = browser.storage.get_url(key, filename="a.pdf", media_type=PDF, inline=True, expires=SOON)

        assert browser.get(url).disposition == "inline; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"

    def test_the_address_of_a_missing_object_leads_nowhere(self, browser: Browser) -> None:
        url = browser.storage.get_url(incoming_key(), filename="a.pdf", media_type=PDF, expires=SOON)

        assert browser.get(url).status == 404


class TestSweep:
    @pytest.mark.slow
    def test_orphans_go_and_what_is_in_use_or_accepted_stays(self, browser: Browser) -> None:
        storage, accepted = browser.storage, keep(browser.storage, os.urandom(20), PDF)
        orphan, used = uploaded(browser, b"orphan").key, uploaded(browser, b"in use").key
        orphan_copy, used_copy = storage.hold(orphan), storage.hold(used)
        begun = ticket_for(storage, bytes(20 << 20))
        mine = {orphan, used, begun.key}

        # others may use the bucket at the same time
        report = sweep(storage, in_use=lambda key: key not in mine or key == used, older_than=LATER)

        there = {key: storage.head(key) is not None for key in (orphan, orphan_copy, used, used_copy, accepted)}
        assert there == {orphan: False, orphan_copy: False, used: True, used_copy: True, accepted: True}
        assert (report.removed, report.freed, report.aborted) == (2, 12, 1)
        assert report.kept >= 2
        assert begun.upload_id
        with pytest.raises(Missing):
            storage.list_parts(begun.key, begun.upload_id)
        sweep(storage, in_use=lambda key: key not in mine, older_than=LATER)

    @pytest.mark.slow
    def test_what_is_young_stays(self, browser: Browser) -> None:
        young = uploaded(browser, b"just now").key
        begun = ticket_for(browser.storage, bytes(20 << 20))
        assert begun.upload_id

        report = sweep(browser.storage, in_use=lambda key: False, older_than=LONG_AGO)

        assert (report.removed, report.aborted) == (0, 0)
        assert browser.storage.head(young) == 8
        assert browser.storage.list_parts(begun.key, begun.upload_id) == []
        browser.storage.abort(begun.key, begun.upload_id)
        assert list(browser.storage.list(CHECKING, older_than=LONG_AGO)) == []
