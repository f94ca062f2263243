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

from grants.calls.eligibility import KINDS, RuleKind
from grants.calls.parta.definition import FieldKind
from grants.calls.states import Blind, CostModel, DeadlineModel, Misfit, Naming
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
    questions_until = DateTimeLocalField("Questions are taken until", [Optional()], format=_LOCAL)
    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


class CriterionForm(PlainForm):
    """One award criterion; a row without a name is left out."""

    code = StringField("Code", filters=[stripped])
    name = StringField("Name", filters=[stripped])
    description = StringField("What is judged", filters=[stripped])
    aspects = TextAreaField("Sub-questions, one a line", filters=[stripped])
    maximum = DecimalText("Maximum")
    step = DecimalText("Step")
    weight = DecimalText("Weight")
    threshold = DecimalText("Threshold")
    first_stage = BooleanField("Judged in a first stage")
    first_stage_threshold = DecimalText("Threshold there")


class CategoryForm(PlainForm):
    """One cost category; a row without a name is left out."""

    code = StringField("Code", filters=[stripped])
    name = StringField("Name", filters=[stripped])
    indirect_base = BooleanField("Indirect costs are computed on it")
    unit = StringField("Unit that is counted", filters=[stripped])
    unit_cost = MoneyField("Cost of one unit")
    justify = BooleanField("Costs in it need a reason")


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
    cost_model = SelectField("How costs are given", choices=[(m.value, m.value.capitalize()) for m in CostModel])
    first_stage_page_limit = IntegerField("Page limit of a first stage", [Optional(), NumberRange(1)])
    no_profit = BooleanField("A grant never exceeds the costs less the income (no profit)")
    invited_only = BooleanField("Only invited organisations apply")
    batch_months = IntegerField("Months between two batches", [Optional(), NumberRange(1, 24)])
    cut_offs = TextAreaField("Earlier deadlines: stages or cut-offs, one a line", filters=[stripped])
    inform_months = IntegerField("Months until applicants are told the result", [NumberRange(1, 36)])
    grant_months = IntegerField("Months until the agreement is signed", [NumberRange(1, 48)])
    first_stage_inform_months = IntegerField("Months until the result of a first stage", [NumberRange(1, 36)])
    deemed_days = IntegerField("Days until a result that nobody opened counts as received", [NumberRange(1, 90)])
    redress_days = IntegerField("Days to ask for a review of the procedure", [NumberRange(1, 365)])
    redress_members = IntegerField("Members of a review committee, at least", [NumberRange(1, 15)])
    redress_answer_days = IntegerField("Days to answer a request for a review", [NumberRange(1, 365)])
    first_stage_threshold = DecimalText("Overall threshold of a first stage")
    overall_threshold = DecimalText("Overall threshold")
    experts_per_proposal = IntegerField("Experts per proposal", [NumberRange(1, 15)])
    evaluation_days = IntegerField("Days for an individual report", [NumberRange(1, 365)])
    spread_limit = DecimalText("Spread of scores that is marked")
    shortest_comment = IntegerField("Characters that reasons need at least", [NumberRange(0, 2000)])
    employment_years = IntegerField("Years in which a former employer is a conflict", [NumberRange(0, 20)])
    collaboration_years = IntegerField("Years in which co-authors and co-applicants are", [NumberRange(0, 20)])
    newcomer_share = IntegerField("Per cent of experts who are new since the year before", [NumberRange(0, 100)])
    panel_nationality = IntegerField(
        "Members of a panel of one nationality, at most", [Optional(), NumberRange(1, 50)]
    )
    panel_organisation = IntegerField(
        "Members of a panel of one organisation, at most", [Optional(), NumberRange(1, 50)]
    )
    panel_years = IntegerField("Years in a row on a panel of one name, at most", [Optional(), NumberRange(1, 20)])
    hearing_characters = IntegerField("Characters of one answer in a hearing, at most", [NumberRange(100, 20_000)])
    quality_short = IntegerField("Officers look at reasons of fewer characters than", [NumberRange(0, 5000)])
    quality_high = IntegerField(
        "Officers look where weaknesses outweigh, from this per cent of a criterion's maximum", [NumberRange(1, 100)]
    )
    quality_low = IntegerField(
        "Officers look where no weakness is named, under this per cent of the maximum", [NumberRange(0, 100)]
    )
    quality_alike = IntegerField("Officers look at texts that agree to this per cent", [NumberRange(50, 100)])
    declaration_months = IntegerField("Months that a declaration of interests is valid", [NumberRange(1, 60)])
    expert_terms = TextAreaField("Terms that experts accept", filters=[stripped])
    training = TextAreaField("What experts read before their first proposal", filters=[stripped])
    blind = SelectField("Blind evaluation", choices=[(each.value, each.label) for each in Blind])
    naming = SelectField(
        "Where a blind proposal names a participant", choices=[(each.value, each.label) for each in Naming]
    )
    questions = TextAreaField("Questions to experts with the answers yes and no, one a line", filters=[stripped])
    on_misfit = SelectField(
        "Where a proposal asks for more than is left",
        choices=[(m.value, m.label) for m in Misfit],
    )
    area_field = StringField("Question of Part A that names the areas", [Length(max=40)], filters=[stripped])
    portfolio = TextAreaField("Portfolio rules, one a line", filters=[stripped])
    reserve_size = IntegerField("Proposals on the reserve list, at most", [Optional(), NumberRange(0, 10_000)])
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


class SectionForm(Form):
    """A section of Part A, without its fields."""

    title = StringField("Title", [DataRequired("Enter the title"), Length(max=200)], filters=[stripped])
    intro = TextAreaField("Introduction", filters=[stripped])
    scope = SelectField(
        "Answered", choices=[("proposal", "once for the proposal"), ("participant", "by each participant")]
    )
    when = StringField("Asked only when", [Length(max=500)], filters=[stripped])
    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


class SharedSectionForm(Form):
    """A section to take over. Choices are passed in."""

    use = SelectField("Section")
    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


class FieldForm(Form):
    """One question of Part A. Choices and columns are typed one a line."""

    label = StringField("Question", [DataRequired("Enter the question"), Length(max=500)], filters=[stripped])
    key = StringField(
        "Key", [Regexp(r"^[a-z][a-z0-9_]*$", message="Use small letters, digits and _"), Length(max=40)],
        filters=[stripped],
    )  # fmt: skip
    kind = SelectField("Answer", choices=[(each.value, each.value.capitalize()) for each in FieldKind])
    hint = StringField("Hint", filters=[stripped])
    required = BooleanField("It must be answered")
    limit = IntegerField("Most characters", [Optional(), NumberRange(1, 100_000)])
    minimum = StringField("Smallest number", filters=[stripped])
    maximum = StringField("Largest number", filters=[stripped])
    choices = TextAreaField("Choices, one a line", filters=[stripped])
    columns = TextAreaField("Columns of a table, one a line", filters=[stripped])
    max_rows = IntegerField("Most rows of a table", [Optional(), NumberRange(1, 200)])
    when = StringField("Asked only when", [Length(max=500)], filters=[stripped])
    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


class NewRuleForm(Form):
    """The kind of an eligibility rule to add."""

    kind = SelectField("Rule", choices=[(each.key, each.title) for each in KINDS.values()])


class RuleForm(Form):
    """What every eligibility rule has; its parameters are added by ``rule_form``."""

    key = StringField(
        "Name of the rule", [Regexp(r"^[a-z][a-z0-9_]*$", message="Use small letters, digits and _"), Length(max=40)],
        filters=[stripped],
    )  # fmt: skip
    severity = SelectField(
        "Where it is not met",
        choices=[("blocks", "the proposal cannot be submitted"), ("officer", "an officer decides after the deadline"),
                 ("warns", "applicants are warned")],
    )  # fmt: skip
    citation = StringField("Where the rule stands", [Length(max=300)], filters=[stripped])
    message = StringField("What applicants are told", [Length(max=500)], filters=[stripped])
    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


def rule_form(kind: RuleKind) -> type[RuleForm]:
    """The form of a rule of this kind: a text for each parameter, lists separated by commas."""
    fields = {f"with_{each.name}": StringField(each.label, filters=[stripped]) for each in kind.parameters}
    return type("RuleOfKindForm", (RuleForm,), fields)


class VersionForm(Form):
    """A button that changes a call: the version it was seen in, and the reason where it is published."""

    version = HiddenField()
    reason = StringField("What is corrected, and why", [Length(max=500)], filters=[stripped])


class QuestionForm(Form):
    """A question about a call. Topics are passed in."""

    topic = SelectField("What it is about")
    text = TextAreaField("Question", filters=[stripped])


class AnswerForm(Form):
    """The question as it is published, and its answer."""

    text = TextAreaField("Question", [DataRequired("The question is published with its answer")], filters=[stripped])
    answer = TextAreaField("Answer", filters=[stripped])


class InvitedForm(Form):
    """Who may apply to a topic by invitation."""

    who = StringField("PIC or e-mail address", [DataRequired("Enter a PIC or an e-mail address")], filters=[stripped])
