"""Forms of a ranked list. Decisions are read row by row: ``decision-<placement>`` and ``reason-<placement>``."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import Length

from grants.ranking.states import Decision
from grants.web.forms import Form


class ListForm(Form):
    """Everything that changes the list carries the version it was made from."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version of the list that the person saw."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() else 0


class ReopenForm(Form):
    """Why a decided list is opened again."""

    reason = TextAreaField("Reason", [Length(max=2000)])


class SendForm(Form):
    """Sending all letters: how many the person saw, and that they looked at them."""

    count = HiddenField()
    checked = BooleanField("I have looked at the letters and at the list of numbers")


def decisions(sent: Mapping[str, str]) -> dict[int, tuple[Decision | None, str]]:
    """What the form says for each placement on the page; an empty choice takes the suggestion."""
    found: dict[int, tuple[Decision | None, str]] = {}
    for name, text in sent.items():
        head, _, identity = name.partition("-")
        if head == "decision" and identity.isascii() and identity.isdigit():
            chosen = Decision(text) if text in set(Decision) else None
            found[int(identity)] = (chosen, sent.get(f"reason-{identity}", "")[:2000])
    return found
