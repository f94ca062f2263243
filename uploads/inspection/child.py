"""Starting an inspection in a child process, and taking its answer, whatever becomes of the child.

Starting an interpreter takes longer than most inspections. So each process that checks files has one zygote (see
``zygote``), started at its first check, which forks a child for each inspection in a millisecond. The zygote is
replaced when it dies, when this process was forked from the one that started it, and when a child died of its file:
children have the same layout of memory, and nobody shall learn it by trying.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pypdfium2

from uploads.inspection.limits import END, READY

WALL = 60.0  # seconds from the question to the answer
_ANSWER = 1 << 16  # bytes
_LEAST = 2  # lines: that it is ready, and what it found
_MOMENT = 0.2  # seconds: what a dying process held is not closed all at once
_END = 5.0  # seconds; a killed process takes milliseconds
_ROOT = str(Path(__file__).resolve().parents[2])
_LIBRARIES = str(Path(pypdfium2.__file__).resolve().parents[1])
# -I keeps the environment and the working folder out, -S what site-packages run at every start; the two folders
# that are needed are named
_START = "import sys; sys.path += sys.argv[1:]; from uploads.inspection.zygote import main; main()"


class GaveUp(Exception):
    """The child died, ran into a limit or answered nonsense: the file is too hard to read, or made to be."""


class _Nursery:
    """This process's zygote, for all its threads."""

    _lock: threading.Lock
    _control: socket.socket | None
    _process: subprocess.Popen[bytes] | None
    _retired: list[subprocess.Popen[bytes]]  # still with a child that somebody waits for, or just ending

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._lock = threading.Lock()
        self._control = self._process = None
        self._retired = []

    @property
    def pid(self) -> int | None:
        """The zygote's process id, None before the first inspection."""
        return self._process.pid if self._process else None

    def send(self, letter: bytes, conversation: socket.socket, lifeline: socket.socket) -> None:
        """Have a child started that talks through ``conversation`` and lives until ``lifeline`` is closed."""
        descriptors = [conversation.fileno(), lifeline.fileno()]
        with self._lock:
            if self._control:
                with suppress(BrokenPipeError, ConnectionResetError):  # it died in the meantime
                    socket.send_fds(self._control, [letter], descriptors)
                    return
            socket.send_fds(self._renewed(), [letter], descriptors)

    def retire(self) -> None:
        """No more children from this zygote; those that live end in peace."""
        with self._lock:
            self._let_go()

    def end(self) -> None:
        """For the end of this process."""
        self.retire()
        for process in self._retired:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_END)

    def forget(self) -> None:
        """In a process that was forked from this one: the zygote is the other's, and so may be the lock's holder."""
        if self._control:
            self._control.close()
        for process in (self._process, *self._retired):
            if process:
                process.returncode = 0  # not ours to wait for
        self._clear()

    def _renewed(self) -> socket.socket:
        self._let_go()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and our own module)
                [sys.executable, "-I", "-S", "-c", _START, _ROOT, _LIBRARIES],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},  # no secret of ours goes in
                start_new_session=True,  # Ctrl-C at our terminal is not for it
            )
        return self._control

    def _let_go(self) -> None:
        if self._control:
            self._control.close()
            self._control = None
        if self._process:
            self._retired.append(self._process)
            self._process = None
        self._retired = [process for process in self._retired if process.poll() is None]


NURSERY = _Nursery()
os.register_at_fork(after_in_child=NURSERY.forget)
atexit.register(NURSERY.end)


class Inspection:
    """A child that is getting ready to look at a file while we still read it.

    ``module`` is one of ``pdf``, ``archive``, ``office``, ``shorten``. Use as a context manager: the child never
    outlives it.
    """

    def __init__(self, module: str) -> None:
        self._letter = module[0].encode()
        self._question: bytes | None = None
        self._start()

    def _start(self) -> None:
        self._talk, theirs = socket.socketpair()
        self._life, line = socket.socketpair()
        with theirs, line, ExitStack() as undo:
            undo.callback(self._talk.close)
            undo.callback(self._life.close)
            NURSERY.send(self._letter, theirs, line)
            undo.pop_all()

    def __enter__(self) -> Inspection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        """Have the child killed, and wait until it is gone."""
        with self._talk, self._life:
            self._life.settimeout(_END)
            with suppress(OSError):  # the zygote is gone, and took the child with it
                self._life.shutdown(socket.SHUT_WR)
                while self._life.recv(64):
                    pass

    @property
    def pid(self) -> int:
        """The child's process id."""
        return int(self._life.recv(64, socket.MSG_PEEK))

    def ask(self, path: str, size: int, **question: Any) -> None:
        """Tell the child which file to look at; it begins at once."""
        self._question = (json.dumps({"path": path, "size": size} | question) + "\n").encode()
        self._say()

    def _say(self) -> None:
        if self._question:
            with suppress(BrokenPipeError, ConnectionResetError):  # it died already; ``answer`` will say so
                self._talk.sendall(self._question)

    def answer(self, timeout: float = WALL) -> dict[str, Any]:
        """What it found. Raises GaveUp; RuntimeError when the child could not even begin, which is a fault of
        this installation and not of the file.
        """
        until = time.monotonic() + timeout
        said = self._heard(until)
        if len(said) < _LEAST and self._orphaned():
            self._again()  # it did not die of the file
            said = self._heard(until)
        if said[-1:] != [END]:
            NURSERY.retire()
        late = time.monotonic() >= until
        if said[:1] != [READY] and not late:
            raise RuntimeError("the inspection of files did not start")
        if len(said) < _LEAST:
            raise GaveUp("it takes too long to read" if late else "it takes too much time or memory to read")
        answer: dict[str, Any] = {}
        for line in said[1:]:
            answer |= {} if line == END else _understood(line)
        return answer

    def _heard(self, until: float) -> list[str]:
        """All whole lines that the child says until it ends or the time is over, up to ``_ANSWER`` bytes."""
        output = bytearray()
        with suppress(ConnectionResetError, TimeoutError):  # it died with our question unread
            self._talk.shutdown(socket.SHUT_WR)
            while len(output) < _ANSWER:
                self._talk.settimeout(max(until - time.monotonic(), 0.001))
                piece = self._talk.recv(_ANSWER - len(output))
                if not piece:
                    break
                output += piece
        return output.decode("utf-8", "replace").split("\n")[:-1]

    def _orphaned(self) -> bool:
        """Whether the zygote died: it alone holds the other end of the lifeline."""
        self._life.settimeout(_MOMENT)
        try:
            while self._life.recv(64):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def _again(self) -> None:
        self._end()
        NURSERY.retire()
        self._start()
        self._say()


def _understood(line: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise GaveUp("it takes too much time or memory to read") from error
    return found
