"""Starting an inspection in a child process, and taking its answer, whatever becomes of the child."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import pypdfium2

from uploads.inspection.limits import READY

WALL = 60.0  # seconds from the question to the answer
_ANSWER = 1 << 16  # bytes
_ROOT = str(Path(__file__).resolve().parents[2])
_LIBRARIES = str(Path(pypdfium2.__file__).resolve().parents[1])
# -I keeps the environment and the working folder out, -S what site-packages run at every start (a third of the
# whole time); the two folders that are needed are named
_START = "import sys; sys.path += sys.argv[1:]; from uploads.inspection.{} import main; main()"


class GaveUp(Exception):
    """The child died, ran into a limit or answered nonsense: the file is too hard to read, or made to be."""


class Inspection:
    """A child that is getting ready to look at a file while we still read it.

    ``module`` is one of ``pdf``, ``archive``, ``office``. Use as a context manager: the child never outlives it.
    """

    def __init__(self, module: str) -> None:
        self._child = subprocess.Popen(  # noqa: S603  (our own interpreter and our own module)
            [sys.executable, "-I", "-S", "-c", _START.format(module), _ROOT, _LIBRARIES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},  # no secret of ours goes in
        )

    def __enter__(self) -> Inspection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.kill()
        self._child.communicate()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def ask(self, path: str, size: int, **question: Any) -> None:
        """Tell the child which file to look at; it begins at once."""
        line = json.dumps({"path": path, "size": size} | question) + "\n"
        try:
            assert self._child.stdin is not None
            self._child.stdin.write(line.encode())
            self._child.stdin.flush()
        except BrokenPipeError:
            pass  # it died already; ``answer`` will say so

    def answer(self, timeout: float = WALL) -> dict[str, Any]:
        """What it found. Raises GaveUp; RuntimeError when the child could not even begin, which is a fault of
        this installation and not of the file.
        """
        try:
            output, _ = self._child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise GaveUp("it takes too long to read") from error
        ready, _, found = output[:_ANSWER].decode("utf-8", "replace").partition("\n")
        if ready != READY:
            raise RuntimeError(f"the inspection of files did not start (status {self._child.returncode})")
        try:
            answer: dict[str, Any] = json.loads(found)
        except ValueError as error:
            raise GaveUp("it takes too much time or memory to read") from error
        return answer
