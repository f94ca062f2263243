"""Forms of programmes, calls and topics. Local dates and times are turned into instants by the service."""

from __future__ import annotations

from zoneinfo import available_timezones

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, Email, Length, NumberRange, Optional, Regexp

from grants.calls.states import DeadlineModel
from grants.web.forms import DecimalText, Form, MoneyField, stripped

_IDENTIFIER = Regexp(r"^[A-Z0-9][A-Z0-9._-]*$", message="Use capital letters, digits, points and hyphens")
_LOCAL = "%Y-%m-%dT%H:%M"


class ProgrammeForm(Form):
    """A funding programme."""

    code = StringField(
        "Code", [DataRequired("Enter a code such as ISF"), Length(max=40), _IDENTIFIER], filters=[stripped]
    )
    title = StringField("Title", [DataRequired("Enter the title"), Length(max=300)], filters=[stripped])
    description = TextAreaField("Description", filters=[stripped])


class CallForm(Form):
    """A call. ``reason`` is asked for once it is published. Programmes are passed in."""

    programme = SelectField("Programme")
    identifier = StringField(
        "Call identifier",
        [DataRequired("Enter an identifier such as ISF-2027-TF2-AG"), Length(max=100), _IDENTIFIER],
        filters=[stripped],
    )
    title = StringField("Title", [DataRequired("Enter the title"), Length(max=1000)], filters=[stripped])
    summary = TextAreaField("Summary", filters=[stripped])
    contact = StringField(
        "Contact (e-mail)",
        [Optional(), Email("Enter an e-mail address such as call@example.org", check_deliverability=False)],
        filters=[stripped],
    )
    zone = SelectField("Time zone of the deadlines", choices=sorted(z for z in available_timezones() if "/" in z))
    budget = MoneyField("Budget of the call")
    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


class CriterionForm(PlainForm):
    """One award criterion; a row without a name is left out."""

    code = StringField("Code", filters=[stripped])
    name = StringField("Name", filters=[stripped])
    description = StringField("What is judged", filters=[stripped])
    maximum = DecimalText("Maximum")
    step = DecimalText("Step")
    weight = DecimalText("Weight")
    threshold = DecimalText("Threshold")


class CategoryForm(PlainForm):
    """One cost category; a row without a name is left out."""

    code = StringField("Code", filters=[stripped])
    name = StringField("Name", filters=[stripped])
    indirect_base = BooleanField("Indirect costs are computed on it")


class NewTopicForm(Form):
    """What a topic starts from."""

    template = SelectField("Type of action to start from")


class TopicForm(Form):
    """Everything about a topic."""

    identifier = StringField(
        "Topic identifier", [DataRequired("Enter an identifier"), Length(max=120), _IDENTIFIER], filters=[stripped]
    )
    title = StringField("Title", [DataRequired("Enter the title"), Length(max=1000)], filters=[stripped])
    description = TextAreaField("What the topic is for", filters=[stripped])
    conditions = TextAreaField("Conditions", filters=[stripped])
    keywords = StringField("Keywords, separated by commas", filters=[stripped])
    type_of_action = StringField("Type of action", [DataRequired("Enter the type of action")], filters=[stripped])
    deadline_model = SelectField("Deadline model", choices=[(m.value, m.value.capitalize()) for m in DeadlineModel])
    opens_at = DateTimeLocalField("Opening", [DataRequired("Enter date and time")], format=_LOCAL)
    deadline = DateTimeLocalField("Deadline", [DataRequired("Enter date and time")], format=_LOCAL)
    budget = MoneyField("Budget of the topic")
    min_grant = MoneyField("Smallest grant")
    max_grant = MoneyField("Largest grant")
    expected_grants = IntegerField("Expected number of grants", [Optional(), NumberRange(1)])
    page_limit = IntegerField("Page limit of Part B", [Optional(), NumberRange(1)])
    min_font_pt = DecimalText("Smallest print of Part B, points")
    min_margin_mm = DecimalText("Narrowest margin of Part B, mm")
    min_months = IntegerField("Shortest duration, months", [Optional(), NumberRange(1, 120)])
    max_months = IntegerField("Longest duration, months", [Optional(), NumberRange(1, 120)])
    funding_rate = DecimalText("Funding rate, %", [DataRequired("Enter the rate")])
    nonprofit_rate = DecimalText("Funding rate of non-profit bodies, %")
    indirect_rate = DecimalText("Indirect costs, %", [DataRequired("Enter the rate, 0 for none")])
    min_entities = IntegerField("Fewest independent entities", [NumberRange(1)])
    min_countries = IntegerField("From how many countries at least", [NumberRange(1)])
    min_member_states = IntegerField("Of them at least in EU Member States", [NumberRange(0)])
    overall_threshold = DecimalText("Overall threshold")
    experts_per_proposal = IntegerField("Experts per proposal", [NumberRange(1, 15)])
    evaluation_days = IntegerField("Days for an individual report", [NumberRange(1, 365)])
    spread_limit = DecimalText("Spread of scores that is marked")
    tie_break = StringField("Order of tie-breaks", filters=[stripped])
    period_months = IntegerField("Months per reporting period", [NumberRange(1, 60)])
    report_days = IntegerField("Days for a periodic report", [NumberRange(1, 365)])
    criteria = FieldList(FormField(CriterionForm), "Award criteria")
    categories = FieldList(FormField(CategoryForm), "Cost categories")
    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


class ReasonForm(Form):
    """Why a call is cancelled."""

    reason = StringField("Reason", [DataRequired("Say why")], filters=[stripped])
