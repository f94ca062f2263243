"""Forms of the assignment."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from grants.web.forms import Form


class RunForm(Form):
    """What holds for all teams."""

    per_country = IntegerField("Experts of one country on a proposal, at most", [NumberRange(1, 9)])
    gender = SelectField(
        "A woman and a man on each proposal",
        choices=[("must", "Always"), ("wish", "Where it can be"), ("free", "Not looked at")],
    )
    lead_share = IntegerField("Share of an expert’s proposals as rapporteur, at most, %", [NumberRange(1, 100)])


class NoteForm(Form):
    """One pair. Choices of experts are passed in."""

    number = IntegerField("Number of the proposal", [NumberRange(1)])
    expert = SelectField("Expert")
    fit = IntegerField("Fit instead of the computed one, 0 to 1000", [Optional(), NumberRange(0, 1000)])
    forbidden = BooleanField("This pair must not be")
