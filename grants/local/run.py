"""Everything in one command: database, migrations, demo, web server, worker, scheduler, mail catcher."""

from __future__ import annotations

import os
import shlex
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import click
from honcho.manager import Manager

from grants.local import database, supervised
from grants.settings import Settings

#: How long the web server may take to answer before we say so.
PATIENCE = 60
#: How long the parts of a run that was killed may take to end, before a port counts as another program's.
ENDING = 5


def environment(settings: Settings) -> dict[str, str]:
    """What the children need: the resolved settings, so that all of them use the same database and mail."""
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url.replace("postgresql+psycopg:", "postgresql:", 1),
        "DATA_DIR": str(settings.data_dir),
        "STORAGE_URL": settings.storage_url,
        "SMTP_URL": settings.smtp_url,
        "MAIL_PORT": str(settings.mail_port),
        "PORT": str(settings.port),
        "HOST": settings.host,
        "DEMO": "1" if settings.demo else "0",
        "PYTHONUNBUFFERED": "1",
        supervised.VARIABLE: str(os.getpid()),
    }


def web_server(settings: Settings) -> list[str]:
    """The command of the web server; the application itself is ``wsgi:app``."""
    return [
        sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{settings.host}:{settings.port}",
        "--workers", str(settings.web_workers), "--threads", "4", "--worker-class", "gthread",
        "--timeout", "120", "--graceful-timeout", "30", "--log-level", "warning", "--preload",
        "--chdir", str(Path(__file__).resolve().parents[2]),
    ]  # fmt: skip


def busy_port(*ports: int) -> int | None:
    """The first of ``ports`` that another program listens on."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return port
    return None


def taken_port(*ports: int) -> int | None:
    """The first that another program listens on and goes on to."""
    deadline = time.monotonic() + ENDING
    while (taken := busy_port(*ports)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return taken


def run(settings: Settings, *, prepare: Callable[[Settings], None], welcome: Callable[[Settings], None]) -> int:
    """Start all parts and wait; Ctrl-C or the end of any part stops all. The exit status.

    ``prepare`` loads what a first run needs; ``welcome`` prints addresses once the web server answers.
    """
    if taken := taken_port(settings.port, settings.mail_port, settings.mail_port + 1):
        click.echo(f"grants: port {taken} is in use. Set PORT or MAIL_PORT to another one.", err=True)
        return 1
    with database.embedded(settings) as resolved:
        database.upgrade(resolved.database_url)
        prepare(resolved)
        manager = Manager()
        web = [*web_server(resolved), "--config", f"python:{supervised.__name__}"]
        manager.add_process("web", f"exec {shlex.join(web)}", env=environment(resolved))
        gate = Gate(Path(resolved.data_dir) / "starting")
        command = f"{gate.wait} && exec {shlex.quote(sys.executable)} -m grants.cli"
        parts = {"worker": "worker", "scheduler": "scheduler"}
        if resolved.smtp_url == f"smtp://127.0.0.1:{resolved.mail_port + 1}":
            parts["mail"] = f"mailcatcher {shlex.quote(str(Path(resolved.data_dir) / 'mail'))}"
        for name, arguments in parts.items():
            manager.add_process(name, f"{command} {arguments}", env=environment(resolved))
        threading.Thread(target=_greet, args=(resolved, welcome, gate), daemon=True).start()
        manager.loop()
        gate.remove()
        return int(manager.returncode or 0)


class Gate:
    """Holds the other parts back until the web server answers: somebody waits for it, and each part takes seconds of
    a processor to start. A pipe with a name, from which each part reads one line."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)  # of a run that was killed
        os.mkfifo(path)
        self._path, self._end = path, os.open(path, os.O_RDWR)  # both ends: writing never waits
        self.wait = f"read -r _ < {shlex.quote(str(path))}"

    def open(self) -> None:
        """Let all parts go on, also those that come to it later."""
        os.write(self._end, b"\n" * 8)

    def remove(self) -> None:
        """At the end of the run."""
        os.close(self._end)
        self._path.unlink(missing_ok=True)


def _greet(settings: Settings, welcome: Callable[[Settings], None], gate: Gate) -> None:
    deadline = time.monotonic() + PATIENCE
    address = f"http://127.0.0.1:{settings.port}/healthz"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=1):
                gate.open()
                welcome(settings)
                return
        except OSError:
            time.sleep(0.1)
    gate.open()
    click.echo(f"grants: the web server did not answer within {PATIENCE} seconds", err=True)
