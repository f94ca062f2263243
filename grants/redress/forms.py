"""Forms of requests for a review, and of the rulings on them."""

from __future__ import annotations

from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from grants.redress.states import Subject
from grants.web.forms import Form, Versioned, stripped

_LONGEST = 20_000


class RequestForm(Versioned):
    """What the main contact types. Everything may be empty until it is sent."""

    subject = RadioField(
        "What is the request about?", choices=[(each.value, each.label) for each in Subject],
        validate_choice=False,
    )  # fmt: skip
    criterion = SelectField("Criterion", validate_choice=False)
    text = TextAreaField(
        "What went wrong in the procedure?", [Length(max=_LONGEST, message="Make it shorter: 20,000 characters.")]
    )

    def values(self) -> dict[str, str]:
        """As typed."""
        return {name: self[name].data or "" for name in ("subject", "criterion", "text")}


class RulingForm(Form):
    """What a manager proposes."""

    says = RadioField("Decision", validate_choice=False)
    criteria = SelectMultipleField(
        "Criteria that are evaluated again", validate_choice=False, option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )  # fmt: skip
    reason = TextAreaField("Reason, as the applicants are told it", [Length(max=_LONGEST)], filters=[stripped])


class SendBackForm(Form):
    """Why a ruling is not confirmed."""

    reason = TextAreaField("Reason", [Length(max=2000)], filters=[stripped])


class OpinionForm(Versioned):
    """What the committee found."""

    opinion = TextAreaField("Opinion of the committee", [Length(max=_LONGEST)], filters=[stripped])


class RoundForm(Versioned):
    """What the experts agreed on. Scores and comments are rows of their own on the page, named by their criterion."""

    agreement = TextAreaField("How the experts agreed", [Length(max=_LONGEST)], filters=[stripped])


class ResultForm(Versioned):
    """What a manager proposes to decide on a supplement."""

    decision = RadioField("Decision", validate_choice=False)
    reason = TextAreaField("Reason, as the applicants are told it", [Length(max=_LONGEST)], filters=[stripped])
