"""``grants run`` as a newcomer types it: everything starts, a killed run does not stop the next, nothing is lost."""

from __future__ import annotations

import errno
import random
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode

import pytest

from grants.local import run, supervised

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
NAME = "Zoë Ångström"


class Installation:
    """A folder and its ports. Each ``start`` is a run of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = three_ports()
        self.mail_port = self.port + 1
        self.environment = {
            "DATA_DIR": str(folder), "PORT": str(self.port), "MAIL_PORT": str(self.mail_port), "DEMO": "0",
            "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.log = folder.parent / "log"
        self.runs: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        """Returns when it has printed where it runs."""
        with self.log.open("wb") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "grants.cli", "run", "--no-demo"], env=self.environment, cwd=ROOT,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.runs.append(started)
        assert eventually(lambda: "Ctrl-C stops" in self.log.read_text() or started.poll() is not None)
        assert started.poll() is None, self.log.read_text()
        return started

    def page(self, path: str) -> str:
        """A page of the application."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.read().decode()

    def captured(self) -> str:
        """The page of captured letters; empty while there is none yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.mail_port}/") as answer:
                return answer.read().decode()
        except URLError:
            return ""

    def register(self) -> None:
        """As a visitor does."""
        visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        address = f"http://127.0.0.1:{self.port}/register"
        with visitor.open(address) as answer:
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
        assert token is not None
        form = {"name": NAME, "email": "zoe@example.org", "password": "five plain words here", "csrf_token": token[1]}
        with visitor.open(address, urlencode(form).encode()) as answer:
            assert answer.status == 200


def three_ports() -> int:
    """The first of three that follow each other, and that no connection of another test is given by the system: those
    begin at 32768 in Linux."""
    for port in random.sample(range(20_000, 32_000), 100):
        if run.busy_port(port, port + 1, port + 2) is None:
            return port
    raise AssertionError("no three ports are free")


def eventually(is_so: Callable[[], bool], seconds: int = 60) -> bool:
    waiting = threading.Event()
    return any(is_so() or waiting.wait(0.1) for _ in range(seconds * 10))


def processes(folder: Path) -> list[str]:
    """Command lines of what still runs for this folder, by its environment."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                mine = f"DATA_DIR={folder}".encode() in (each / "environ").read_bytes()
                words = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            found += [words] if mine and words else []
    return found


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "var"
    made = Installation(folder)
    yield made
    for each in made.runs:
        each.kill()
        each.wait()
    subprocess.run(["pkill", "-KILL", "-f", str(folder)], check=False)


def test_a_killed_run_does_not_stop_the_next_and_ctrl_c_leaves_nothing(installation: Installation, tmp_path: Path):
    first = installation.start()
    assert f"Grants runs at http://127.0.0.1:{installation.port}" in installation.log.read_text()
    installation.register()
    assert eventually(lambda: "zoe@example.org" in installation.captured()), "the letter is not delivered"
    first.kill()
    first.wait()

    second = installation.start()
    assert "Calls" in installation.page("/calls")
    installation.register()
    assert eventually(lambda: "already" in installation.captured()), "the account is gone, or a part is missing"

    second.send_signal(signal.SIGINT)
    assert second.wait(timeout=60) in {0, 130, -signal.SIGINT}
    assert eventually(lambda: processes(tmp_path / "var") == []), processes(tmp_path / "var")


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ({"DATA_DIR": "my data"}, 2, "Set DATA_DIR to another folder"),
        ({"DATA_DIR": "R&D"}, 2, "Set DATA_DIR to another folder"),
        ({"DATA_DIR": "var", "PORT": "x"}, 2, "PORT=x"),
        ({"DATA_DIR": "var", "DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, 1, "Try: grants doctor"),
    ],
)
def test_what_a_run_cannot_start_with_is_told_in_one_line(tmp_path: Path, given, status: int, says: str):
    port = three_ports()
    ports = {"PORT": str(port), "MAIL_PORT": str(port + 1)}
    ended = subprocess.run(
        [sys.executable, "-m", "grants.cli", "run"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin"} | ports | given | {"DATA_DIR": str(tmp_path / given["DATA_DIR"])},
    )  # fmt: skip
    assert (ended.returncode, len(ended.stderr.splitlines())) == (status, 1)
    assert says in ended.stderr


def test_a_part_that_may_not_watch_its_supervisor_runs_all_the_same(monkeypatch):
    def refused(_number: int) -> int:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(supervised.os, "pidfd_open", refused)
    for number in ("1", "0", "²", "none"):
        monkeypatch.setenv(supervised.VARIABLE, number)
        supervised.end_with_supervisor()
