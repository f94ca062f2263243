"""Forms of the partner search."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from grants.partners.rules import LONGEST_TEXT, LONGEST_TITLE
from grants.partners.states import EntryKind
from grants.web.filters import country_choices
from grants.web.forms import Form, stripped


class EntryForm(Form):
    """An offer or a request."""

    kind = RadioField(
        "What do you publish?", choices=[(kind.value, kind.label) for kind in EntryKind],
        validators=[DataRequired("Choose one")],
    )  # fmt: skip
    organisation = SelectField("For", validators=[Optional()])
    country = SelectField("Your country", choices=[("", "Choose"), *country_choices()], validators=[Optional()])
    title = StringField("In one line", [DataRequired("Enter a line"), Length(max=LONGEST_TITLE)], filters=[stripped])
    text = TextAreaField(
        "Description", [DataRequired("Describe what you bring or need"), Length(max=LONGEST_TEXT)], filters=[stripped]
    )
    keywords = StringField("Keywords", [Length(max=500)], filters=[stripped])


class LetterForm(Form):
    """A letter to the other side."""

    text = TextAreaField(
        "Your letter", [DataRequired("Write what you want to say"), Length(max=LONGEST_TEXT)], filters=[stripped]
    )
    shares_address = BooleanField("Offer my e-mail address")


class ReasonForm(Form):
    """Why an entry is reported or hidden."""

    reason = TextAreaField("Reason", [DataRequired("Give the reason"), Length(max=1000)], filters=[stripped])


def _limit(label: str) -> IntegerField:
    return IntegerField(label, [InputRequired("Enter a number"), NumberRange(0, 1000, "Enter 0 to 1000")])


class LimitsForm(Form):
    """What one person may write within 24 hours."""

    entries = _limit("Entries")
    letters = _limit("Letters")
    reports = _limit("Reports")
