"""Each hostile file is refused with its code, each good one is taken, and the check itself takes no harm."""

from __future__ import annotations

import hashlib
import io
import resource
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uploads import kinds
from uploads.checks import Policy, Verdict, check
from uploads.errors import Missing
from uploads.intake import take_in
from uploads.local import LocalStorage
from uploads.names import safe_name
from uploads.port import CHECKING, INCOMING, OBJECTS, incoming_key

from . import make

TAKEN = frozenset(kinds.EXTENSIONS.values())
POLICY = Policy(TAKEN, max_size=100 << 20)
ONLY_PDF = Policy(frozenset({kinds.PDF}), max_size=10 << 20)


def checked(data: bytes, name: str, policy: Policy = POLICY, size: int | None = None, sha: str = "") -> Verdict:
    return check(io.BytesIO(data), name=name, policy=policy, size=size, sha256=sha)


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.findings]


@pytest.mark.parametrize("name", make.HOSTILE)
def test_a_hostile_file_is_refused_with_its_code_and_what_to_do(name: str, tmp_path: Path) -> None:
    code, built = make.HOSTILE[name]
    data = built()

    verdict = checked(data, name)

    assert code in codes(verdict)
    assert not verdict.accepted
    for finding in verdict.findings:
        assert finding.message.count(". ") >= 1
        assert finding.message.endswith(".")
        assert "{" not in finding.message
    (tmp_path / "file").write_bytes(data)
    with (tmp_path / "file").open("rb", buffering=0) as file:
        assert check(file, name=name, policy=POLICY) == verdict  # a file needs no copy, and is judged the same


@pytest.mark.parametrize("name", make.GOOD)
def test_a_good_file_is_taken_with_its_true_type(name: str) -> None:
    data = make.GOOD[name]()

    verdict = checked(data, name)

    assert verdict == Verdict(
        len(data),
        hashlib.sha256(data).hexdigest(),
        kinds.EXTENSIONS[name.rpartition(".")[2]],
        1 if name.endswith(".pdf") else None,
        (),
    )


def test_what_was_promised_must_be_kept() -> None:
    data = make.pdf()
    sha = hashlib.sha256(data).hexdigest()

    assert codes(checked(data, "a.pdf", size=len(data), sha=sha.upper())) == []
    assert codes(checked(data, "a.pdf", size=len(data) + 1)) == ["size-mismatch"]
    assert codes(checked(data, "a.pdf", sha="0" * 64)) == ["hash-mismatch"]


def test_too_large_is_noticed_before_all_of_it_is_read() -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            self.read_bytes += len(buffer)
            return len(buffer)

    source = Endless()
    verdict = check(source, name="a.txt", policy=ONLY_PDF)

    assert codes(verdict) == ["too-large"]
    assert verdict.sha256 == ""
    assert source.read_bytes <= ONLY_PDF.max_size + (1 << 20)


def test_a_good_file_of_a_type_that_is_not_asked_for_is_refused() -> None:
    verdict = checked(make.docx(), "a.docx", ONLY_PDF)

    assert codes(verdict) == ["type-not-allowed"]
    assert verdict.findings[0].message == "This is a Word document (.docx). Upload a PDF."


def test_bytes_may_come_in_drops() -> None:
    data = make.pdf() + b" " * 3000

    class Dripping(io.BytesIO):
        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            return super().readinto(buffer[:7])

    assert check(Dripping(data), name="a.pdf", policy=POLICY) == checked(data, "a.pdf")


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_letter_cut_by_the_end_of_a_chunk_is_still_text(cut: int) -> None:
    data = b"x" * ((1 << 20) - cut) + "👩‍🔬".encode() + b"x" * 100

    assert checked(data, "a.txt").accepted


@pytest.mark.parametrize("name", make.NAMES)
def test_hostile_names_are_made_safe_and_do_not_disturb_the_check(name: str) -> None:
    verdict = checked(make.pdf(), name)

    assert verdict.sha256
    assert len(safe_name(name).encode()) <= 255
    assert codes(verdict) in ([], ["type-not-allowed"])


@pytest.mark.slow
def test_worker_memory_and_time_stay_bounded_by_the_worst_of_them() -> None:
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    data = make.pdf_bomb()
    built = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert codes(checked(data, "bomb.pdf")) == ["pdf-unreadable"]

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, built) < 20 * 1024
    assert time.monotonic() - start < 30


@given(st.binary(max_size=300), st.sampled_from([b"%PDF-1.7\n", b"PK\x03\x04", make.OLE_MAGIC, b"{\\rtf", b""]))
@settings(max_examples=25, deadline=None)
def test_no_bytes_whatever_break_the_check(data: bytes, magic: bytes) -> None:
    verdict = checked(magic + data, "a.pdf")

    assert verdict.size == len(magic + data)
    assert not verdict.accepted


def test_a_refused_upload_leaves_nothing_and_an_accepted_one_only_its_object(tmp_path: Path) -> None:
    store = LocalStorage(tmp_path, secret_key="x", base_url="")
    store.prepare()
    bad, good = incoming_key(), incoming_key()
    store.put(bad, make.HOSTILE["script.pdf"][1](), kinds.PDF)
    store.put(good, make.pdf(), kinds.PDF)

    refused = take_in(store, bad, name="a.pdf", policy=POLICY)
    accepted = take_in(store, good, name="a.pdf", policy=POLICY, size=len(make.pdf()))

    assert (refused.key, codes(refused.verdict)) == (None, ["pdf-active"])
    assert accepted.key == f"objects/{accepted.verdict.sha256[:2]}/{accepted.verdict.sha256}"
    assert accepted.verdict.pages == 1
    left = [stored.key for prefix in (INCOMING, CHECKING, OBJECTS) for stored in store.list(prefix)]
    assert left == [accepted.key]
    with pytest.raises(Missing):
        take_in(store, good, name="a.pdf", policy=POLICY)


@pytest.mark.slow
def test_the_folder_of_hostile_files_can_be_made(tmp_path: Path) -> None:
    paths = make.write(tmp_path / "hostile")

    assert len(paths) == len(make.HOSTILE) + len(make.GOOD) + 1
    assert all(path.exists() for path in paths)
