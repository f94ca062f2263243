"""The processes that look into files: a child for each file, under limits, forked from a clean process that stays."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from uploads.inspection import child
from uploads.inspection.child import NURSERY, GaveUp, Inspection
from uploads.inspection.limits import MEMORY

from . import make


@pytest.fixture
def hanging(tmp_path: Path) -> str:
    """A file that never begins: whoever reads it waits."""
    pipe = tmp_path / "never written"
    os.mkfifo(pipe)
    return str(pipe)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.pdf"
    path.write_bytes(make.pdf())
    return path


def pages(path: Path) -> int:
    with Inspection("pdf") as inspection:
        inspection.ask(str(path), path.stat().st_size)
        return inspection.answer()["pages"]


def alive(pid: int) -> bool:
    """Whether a process runs: not gone, and not only waiting to be taken off the table."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or before it was read
        return False


def eventually(is_so: Callable[[], bool]) -> bool:
    waiting = threading.Event()
    return any(is_so() or waiting.wait(0.01) for _ in range(1000))


def descriptors(pid: int | str = "self") -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def wedge(inspection: Inspection, path: str) -> None:
    """Let it begin with a file that never ends."""
    inspection.ask(path, 0, media_type="application/rtf")


@pytest.mark.slow
def test_a_check_that_hangs_is_ended(hanging: str) -> None:
    with Inspection("office") as inspection:
        wedge(inspection, hanging)
        pid = inspection.pid
        with pytest.raises(GaveUp, match="too long"):
            inspection.answer(timeout=0.3)

    assert not alive(pid)


def test_an_inspection_that_cannot_start_is_our_fault_not_the_files(
    monkeypatch: pytest.MonkeyPatch, good: Path
) -> None:
    NURSERY.retire()
    with monkeypatch.context() as patched:
        patched.setattr(child, "_LIBRARIES", "/nowhere")
        with pytest.raises(RuntimeError, match="did not start"):
            pages(good)

    assert pages(good) == 1


def test_no_secret_of_ours_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    NURSERY.retire()

    with Inspection("pdf") as inspection:
        environment = Path(f"/proc/{inspection.pid}/environ").read_bytes()

    assert b"PATH=" in environment
    assert b"hush" not in environment


def test_every_child_is_under_the_limits_and_the_process_that_forks_it_is_not(hanging: str) -> None:
    with Inspection("office") as inspection:
        wedge(inspection, hanging)
        pid = inspection.pid
        assert eventually(lambda: limit_of(pid, "Max processes") == "0")
        assert limit_of(pid, "Max address space") == str(MEMORY)
        assert limit_of(pid, "Max cpu time") == "30"
        assert limit_of(pid, "Max file size") == "0"
        assert limit_of(pid, "Max open files") == "32"
    assert limit_of(NURSERY.pid, "Max address space") == "unlimited"


def limit_of(pid: int | None, name: str) -> str:
    line = next(row for row in Path(f"/proc/{pid}/limits").read_text().splitlines() if row.startswith(name))
    return line[len("Max realtime timeout      ") :].split()[0]


def test_a_child_holds_no_connection_but_its_own(hanging: str) -> None:
    with Inspection("office"), Inspection("office"), Inspection("office") as last:
        wedge(last, hanging)
        pid = last.pid
        assert eventually(lambda: limit_of(pid, "Max processes") == "0")
        assert descriptors(pid) == 3


def test_files_one_after_the_other_share_the_process_but_no_child(good: Path) -> None:
    assert pages(good) == 1
    zygote = NURSERY.pid
    with Inspection("pdf") as first, Inspection("pdf") as second:
        assert first.pid != second.pid
        assert children_of(zygote or 0) == [str(first.pid), str(second.pid)]
    assert NURSERY.pid == zygote
    assert children_of(zygote or 0) == []


def test_many_files_leave_no_descriptor_and_no_dead_process(good: Path) -> None:
    pages(good)
    assert NURSERY.pid is not None
    before = descriptors(), descriptors(NURSERY.pid)

    for _ in range(30):
        pages(good)

    assert (descriptors(), descriptors(NURSERY.pid)) == before
    assert children_of(NURSERY.pid) == []


def test_a_child_that_dies_takes_nobody_with_it_and_gives_the_next_file_new_memory(good: Path, hanging: str) -> None:
    pages(good)
    zygote = NURSERY.pid
    with Inspection("office") as dying, Inspection("pdf") as other:
        wedge(dying, hanging)
        assert dying._talk.recv(6) == b"ready\n"
        os.kill(dying.pid, signal.SIGSEGV)
        with pytest.raises(RuntimeError):  # its first line was taken away above
            dying.answer()
        other.ask(str(good), good.stat().st_size)
        assert other.answer()["pages"] == 1

    assert pages(good) == 1
    assert NURSERY.pid != zygote
    assert eventually(lambda: not alive(zygote or 0))


def test_a_crash_of_the_forking_process_is_not_blamed_on_the_file(good: Path) -> None:
    pages(good)
    with Inspection("pdf") as inspection:
        orphan = inspection.pid
        os.kill(NURSERY.pid or 0, signal.SIGKILL)
        assert eventually(lambda: not alive(orphan))  # no child goes on without it
        inspection.ask(str(good), good.stat().st_size)

        assert inspection.answer()["pages"] == 1

    os.kill(NURSERY.pid or 0, signal.SIGKILL)
    assert pages(good) == 1


def test_threads_share_it(good: Path) -> None:
    NURSERY.retire()
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(pages, [good] * 40)) == {1}
    assert children_of(NURSERY.pid or 0) == []


def test_a_forked_process_has_its_own_and_leaves_ours_alone(good: Path) -> None:
    pages(good)
    ours = NURSERY.pid
    worker = os.fork()
    if not worker:
        status = 1
        try:
            apart = NURSERY.pid is None and pages(good) == 1 and NURSERY.pid != ours
            NURSERY.end()
            status = 0 if apart else 2
        finally:
            os._exit(status)

    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
    assert pages(good) == 1
    assert NURSERY.pid == ours


_CHECKING = """
import os, signal, sys
from uploads.inspection.child import NURSERY, Inspection
inspection = Inspection("office")
inspection.ask(sys.argv[1], 0, media_type="application/rtf")
print(NURSERY.pid, inspection.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] == "killed" else inspection._end()
"""


@pytest.mark.parametrize("how", ["killed", "ends"])
def test_it_ends_with_the_process_that_it_serves(hanging: str, how: str) -> None:
    done = subprocess.run([sys.executable, "-c", _CHECKING, hanging, how], capture_output=True, text=True)

    zygote, inspecting = map(int, done.stdout.split())
    assert done.returncode == (-signal.SIGKILL if how == "killed" else 0), done.stderr
    assert eventually(lambda: not alive(inspecting) and not alive(zygote))


def test_an_archive_is_unpacked_to_its_last_byte(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"noise").digest(300_000)
    contents = [b"", b"x", b"a" * 262_144, b"a" * 262_145, noise, noise[:1000] * 500, bytes(range(256)) * 1024]
    for number, content in enumerate(contents):
        whole, path = make.archive({"a": content, "b": content[::-1]}), tmp_path / f"{number}.zip"
        path.write_bytes(whole)
        assert problems(path) == []
        if content:
            spoilt = bytearray(whole)
            at = spoilt.index(b"PK\x01\x02") + 16  # the checksum in the directory
            spoilt[at] ^= 1
            path.write_bytes(spoilt)
            assert problems(path) == ["zip-unreadable"]


def problems(path: Path) -> list[str]:
    with Inspection("archive") as inspection:
        inspection.ask(str(path), path.stat().st_size)
        return [code for code, _ in inspection.answer()["problems"]]
