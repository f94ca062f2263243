"""Forms of a project as a whole."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import Length

from grants.web.forms import Form


class EndForm(Form):
    """Why a preparation is given up, or a project closed or ended."""

    reason = TextAreaField("Reason", [Length(max=2000)])
