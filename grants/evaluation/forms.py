"""Forms of the evaluation. Reports save whatever is typed: what is missing is said by the rules."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from grants.evaluation.states import Answer
from grants.web.forms import Form, stripped


class DeclarationForm(Form):
    """Before an expert reads a proposal."""

    declared = BooleanField(
        "I have no conflict of interest: I do not work for or with an applicant, none is close to me, and nothing "
        "depends for me on the result"
    )


class ReasonForm(Form):
    """Why something is done that others will read."""

    reason = TextAreaField("Reason", [Length(max=2000)])


class RemarkForm(Form):
    """Words in the discussion of a consensus."""

    remark = TextAreaField("Your words", [Length(max=5000)])


class OpinionForm(Form):
    """Agree with the proposed consensus, or not."""

    answer = RadioField(
        "Your answer", choices=[(Answer.AGREES.value, "I agree"), (Answer.DISAGREES.value, "I do not agree")]
    )
    text = TextAreaField("Where you disagree, and why", [Length(max=5000)])


class AssignForm(Form):
    """Ask one expert to evaluate. Choices are passed in."""

    expert = SelectField("Expert")
    rapporteur = BooleanField("Rapporteur: writes the consensus report")
    due_on = DateField("Report due on", [Optional()])


_LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_SHOWN = [
    ("scores", "Scores of the others"),
    ("texts", "Texts of the others"),
    ("names", "Names of the experts"),
]
_APPLICANTS = ("applicants", "Who applies, in a blind evaluation")


class VisibilityForm(Form):
    """Who sees what when: for each phase its beginning and what is shown. The own report is always shown before the
    decision, so it can be chosen only for the time after it."""

    individual_shows = SelectMultipleField("Shown during individual reports", choices=_SHOWN)
    consensus_starts = DateTimeLocalField("Consensus begins", [Optional()], format=_LOCAL)
    consensus_shows = SelectMultipleField("Shown during the consensus", choices=[*_SHOWN, _APPLICANTS])
    panel_starts = DateTimeLocalField("Panel review begins", [Optional()], format=_LOCAL)
    panel_shows = SelectMultipleField("Shown during the panel review", choices=[*_SHOWN, _APPLICANTS])
    after_starts = DateTimeLocalField("The time after the decision begins", [Optional()], format=_LOCAL)
    after_shows = SelectMultipleField(
        "Shown after the decision", choices=[("own", "Own report, beside the proposal"), *_SHOWN, _APPLICANTS]
    )
    version = HiddenField()


class EmptyForm(Form):
    """A button that changes something: only the token."""


class DecisionForm(Form):
    """What an officer decides about a manageable conflict."""

    reason = TextAreaField("Reason", [Length(max=2000)], filters=[stripped])
    condition = StringField("Condition", [Length(max=500)], filters=[stripped])
