"""Forms of panels, meetings, hearings and observers. What is missing is said by the rules."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional

from grants.panels.states import HearingKind
from grants.web.forms import Form, Versioned, stripped

_LOCAL = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_WHERE = [("remote", "Remotely"), ("on_site", "On site")]


class Minutes(IntegerField):
    """A number of minutes; whatever is longer than any is refused before anybody reckons with it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Raises ValueError for what is no such number."""
        if valuelist and len(valuelist[0]) > 9:
            self.data = None
            raise ValueError("Give a number of minutes.")
        super().process_formdata(valuelist)


class PanelForm(Versioned):
    """A panel. Choices of the chair are passed in."""

    name = StringField("Name of the panel", [Length(max=120)], filters=[stripped])
    remote = RadioField("It meets", choices=_WHERE, default="remote")
    place = StringField("Place or link", [Length(max=500)], filters=[stripped])
    chair = SelectField("Chair", validate_choice=False)


class MemberForm(Form):
    """Somebody who sits on the panel. Choices are passed in."""

    expert = SelectField("Expert", validate_choice=False)
    reason = TextAreaField("Why against the rule", [Length(max=2000)], filters=[stripped])


class ProposalsForm(Form):
    """Which proposals the panel looks at."""

    which = RadioField(
        "Which proposals",
        choices=[
            ("consensus", "All whose consensus is approved"),
            ("all", "All of the topic"),
            ("numbers", "These numbers"),
        ],
        default="consensus",
    )  # fmt: skip
    numbers = TextAreaField("Numbers", [Length(max=5000)], filters=[stripped])


class MeetingForm(Versioned):
    """When and where a panel meets."""

    starts_at = DateTimeLocalField("Begins", [Optional()], format=_LOCAL)
    place = StringField("Place or link", [Length(max=500)], filters=[stripped], id="meeting-place")


class ItemsForm(Form):
    """Proposals for an agenda."""

    numbers = StringField("Numbers of proposals", [Length(max=5000)], filters=[stripped])
    minutes = Minutes("Minutes for each", [Optional(), NumberRange(1, 600)], default=15)


class BreakForm(Form):
    """A break in an agenda."""

    title = StringField("Name", [Length(max=120)], filters=[stripped], default="Break")
    minutes = Minutes("Minutes", [Optional(), NumberRange(1, 600)], default=15, id="break-minutes")


class ReasonForm(Form):
    """Why something is done."""

    reason = TextAreaField("Reason", [Length(max=2000)], filters=[stripped])


class OutcomeForm(Form):
    """What the panel found. New scores are fields of their own on the page, named by their criterion."""

    outcome = RadioField(
        "What did the panel find?",
        choices=[("keep", "The scores stay as agreed"), ("change", "The panel changes scores")],
        default="keep",
    )  # fmt: skip
    remark = TextAreaField("Remark for the minutes", [Length(max=5000)], filters=[stripped])


class NoteForm(Versioned):
    """A cross-reading note. Marks are fields of their own on the page."""

    note = TextAreaField("Note for the panel")


class HearingForm(Versioned):
    """A hearing as an officer types it."""

    kind = RadioField(
        "What kind", choices=[(each.value, each.label) for each in HearingKind], default=HearingKind.WRITING.value
    )
    questions = TextAreaField("Questions, one a paragraph", [Length(max=50_000)])
    send_at = DateTimeLocalField("Send at", [Optional()], format=_LOCAL)
    answer_by = DateTimeLocalField("Answers before", [Optional()], format=_LOCAL)
    starts_at = DateTimeLocalField("Interview begins", [Optional()], format=_LOCAL)
    minutes = Minutes("Minutes of the interview", [Optional(), NumberRange(1, 600)])
    place = StringField("Place or link of the interview", [Length(max=500)], filters=[stripped])


class AnswersForm(Versioned):
    """The applicants' answers: texts of their own on the page, one for each question."""


class ObserverForm(Form):
    """Whom to name."""

    email = StringField("E-mail address of the account", [Length(max=254)], filters=[stripped])


class SignForm(Form):
    """The statement of confidentiality."""

    agreed = BooleanField("I have read this statement and keep to it")


class ObserverReportForm(Versioned):
    """What the observer writes."""

    text = TextAreaField("Your report on the process")
