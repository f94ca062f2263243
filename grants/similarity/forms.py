"""What an officer notes about a pair."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import Length

from grants.web.forms import Form


class NoteForm(Form):
    """Looked at, with what was found."""

    note = TextAreaField("What you found", [Length(max=2000)])
