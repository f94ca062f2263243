"""Forms of extensions and admission."""

from __future__ import annotations

from wtforms import DateTimeLocalField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, NumberRange

from grants.web.forms import Form, stripped


class ExtensionForm(Form):
    """More time for one proposal."""

    number = IntegerField(
        "Proposal number", [NumberRange(100_000_000, 999_999_999, "Enter the number of nine digits")]
    )
    until = DateTimeLocalField("Taken until", [DataRequired("Enter date and time")], format="%Y-%m-%dT%H:%M")
    reason = TextAreaField("Reason", filters=[stripped])


class RuleForm(Form):
    """An officer's decision on one rule."""

    met = RadioField("Is the rule met?", choices=[("yes", "Yes, it is met"), ("no", "No, it is not met")])
    reason = StringField("Reason", filters=[stripped])


class AdmissionForm(Form):
    """Admission to evaluation. ``reason`` is told to the applicants of an excluded proposal."""

    decision = RadioField("Decision", choices=[("admit", "Admit to evaluation"), ("exclude", "Exclude")])
    reason = TextAreaField("Reason, as the applicants are told it", filters=[stripped])


class CountForm(Form):
    """What a preview said: the action is done for exactly this number."""

    count = IntegerField("Number", [NumberRange(1)])
