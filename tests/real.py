"""Real data for tests, outside of the project: one line where it is absent, a failure in continuous integration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def real_data(file: str) -> Path:
    """A file of real data; skips the test, or fails it in continuous integration, where it is absent."""
    folder = Path(os.environ.get("GRANTS_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    path = folder / file
    if not path.exists():
        message = f"no real data: {path} is absent (set GRANTS_REAL_DATA)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
