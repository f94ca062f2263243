"""The garbage collector while a program starts."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def starting() -> Iterator[None]:
    """Import and set up a program in here: nothing of it is garbage, and looking for that takes half of the start.
    What was made is never looked through again, neither in a pause of a request nor by the fork of a worker."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
