"""Names of things for audit rows, letters and lists: a kind and its public number or code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference such as ``proposal 101000004``. ``kind`` is the field's term, ``key`` what people see."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
