"""What only a folder can do: run full, be cut off in the middle, and have its addresses signed by us."""

from __future__ import annotations

import errno
import os
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from uploads.errors import BadToken, Mismatch, Missing, StoreUnavailable
from uploads.local import GET, PART, PUT, LocalStorage
from uploads.port import Ticket, incoming_key

from .browsers import SOON

PDF = "application/pdf"


class Stream:
    """A body that gives ``data`` and then fails, as a connection does that is cut."""

    def __init__(self, data: bytes, error: Exception) -> None:
        self._data, self._error = BytesIO(data), error

    def read(self, size: int = -1, /) -> bytes:
        if data := self._data.read(size):
            return data
        raise self._error


def files_in(folder: LocalStorage) -> list[str]:
    return sorted(str(path.relative_to(folder.root)) for path in folder.root.rglob("*") if path.is_file())


def token_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def ticket(folder: LocalStorage, size: int = 5) -> Ticket:
    return folder.ticket(incoming_key(), size=size, media_type=PDF, expires=SOON)


def test_addresses_are_the_apps_own(folder: LocalStorage) -> None:
    put, get = ticket(folder).url, folder.get_url(incoming_key(), filename="a.pdf", media_type=PDF, expires=SOON)

    assert put.startswith("https://grants.test/files/incoming/")
    assert get.startswith("https://grants.test/files/objects/")


def test_an_address_ends_with_its_time(folder: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(ticket(folder).url)
    assert folder.verify_token(token, PUT).size == 5
    now = time.time()
    monkeypatch.setattr("uploads.local.time.time", lambda: now + SOON.total_seconds())

    with pytest.raises(BadToken, match="expired"):
        folder.verify_token(token, PUT)


def test_an_address_is_good_for_its_operation_only(folder: LocalStorage) -> None:
    big = ticket(folder, 20 << 20)
    assert big.upload_id
    put = token_of(ticket(folder).url)
    part = token_of(folder.part_url(big.key, big.upload_id, 1, expires=SOON))
    get = token_of(folder.get_url(big.key, filename="a.pdf", media_type=PDF, expires=SOON))
    good = {(put, PUT), (part, PUT), (part, PART), (get, GET)}

    for token in (put, part, get):
        for operation in (PUT, PART, GET):
            if (token, operation) in good:
                assert folder.verify_token(token, operation)
            else:
                with pytest.raises(BadToken, match="not for"):
                    folder.verify_token(token, operation)


def test_another_key_of_ours_signs_nothing_here(folder: LocalStorage) -> None:
    other = LocalStorage(folder.root, secret_key="another secret", base_url="https://grants.test")

    with pytest.raises(BadToken, match="not one of ours"):
        folder.verify_token(token_of(ticket(other).url), PUT)
    for nonsense in ("", "x", "a.b.c", "é"):
        with pytest.raises(BadToken):
            folder.verify_token(nonsense, PUT)


def test_a_promise_of_nothing_takes_nothing(folder: LocalStorage) -> None:
    token = folder.verify_token(token_of(ticket(folder, 0).url), PUT)

    with pytest.raises(Mismatch):
        folder.receive(token, BytesIO(b"1"))
    assert folder.receive(token, BytesIO(b"")) == 0


def test_more_than_promised_is_refused_without_being_read(folder: LocalStorage) -> None:
    body = BytesIO(bytes(10 << 20))

    with pytest.raises(Mismatch, match="more than"):
        folder.receive(folder.verify_token(token_of(ticket(folder, 5).url), PUT), body)

    assert body.tell() == 6
    assert files_in(folder) == []


@pytest.mark.parametrize("error", [ConnectionResetError(), TimeoutError(), RuntimeError("gone")])
def test_a_cut_connection_leaves_no_half_file(folder: LocalStorage, error: Exception) -> None:
    token = folder.verify_token(token_of(ticket(folder, 100).url), PUT)

    with pytest.raises(type(error)):
        folder.receive(token, Stream(b"x" * 50, error))

    assert files_in(folder) == []


def test_a_full_disk_is_told_and_leaves_no_half_file(folder: LocalStorage) -> None:
    token = folder.verify_token(token_of(ticket(folder, 100).url), PUT)

    with pytest.raises(StoreUnavailable, match="no room"):
        folder.receive(token, Stream(b"x" * 50, OSError(errno.ENOSPC, "No space left on device")))

    assert files_in(folder) == []


def test_a_really_full_disk_is_told_and_leaves_no_half_file() -> None:
    full = os.environ.get("TEST_SMALL_DISK")  # a folder on a file system of a few MiB
    if not full:
        pytest.skip("TEST_SMALL_DISK names no small file system")
    folder = LocalStorage(Path(full), secret_key="x", base_url="")
    folder.prepare()
    before = files_in(folder)

    with pytest.raises(StoreUnavailable, match="no room"):
        folder.put(incoming_key(), BytesIO(bytes(64 << 20)), PDF)

    assert files_in(folder) == before


def test_a_file_is_never_seen_half_written(folder: LocalStorage) -> None:
    key = incoming_key()
    folder.put(key, b"whole", PDF)

    class Watching(BytesIO):
        seen: list[int | None] = []

        def read(self, size: int | None = -1, /) -> bytes:
            self.seen.append(folder.head(key))
            return super().read(size)

    folder.put(key, Watching(bytes(3 << 20)), PDF)

    assert set(Watching.seen) == {5}
    assert folder.head(key) == 3 << 20


def test_leftovers_of_killed_processes_are_cleared(folder: LocalStorage) -> None:
    (folder.root / "tmp" / "left").write_bytes(b"half")

    assert folder.clear_temporaries(older_than=datetime.now(UTC) - timedelta(days=1)) == 0
    assert folder.clear_temporaries(older_than=datetime(2100, 1, 1, tzinfo=UTC)) == 1
    assert files_in(folder) == []


def test_a_held_copy_is_young_however_old_the_upload(folder: LocalStorage) -> None:
    key = incoming_key()
    folder.put(key, b"1", PDF)
    os.utime(folder.root / key, (0, 0))

    held = folder.hold(key)

    assert list(folder.list("checking/", older_than=datetime(2020, 1, 1, tzinfo=UTC))) == []
    assert folder.head(held) == 1


def test_a_folder_that_nobody_prepared_is_unhealthy(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        LocalStorage(tmp_path / "nowhere", secret_key="x", base_url="").check_health()
    with pytest.raises(Missing):
        LocalStorage(tmp_path / "nowhere", secret_key="x", base_url="").put(incoming_key(), b"1", PDF)


def test_only_the_owner_can_look_into_the_folders(folder: LocalStorage) -> None:
    assert {path.stat().st_mode & 0o777 for path in folder.root.iterdir()} == {0o700}
