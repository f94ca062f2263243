"""Managers' pages of a topic's Part A and eligibility rules, and of what was changed from its template."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import access, facts, forms, queries, rules, services, templates
from grants.calls.eligibility import KINDS, RuleKind, Takes, rule_of, rules_of
from grants.calls.models import Topic
from grants.calls.parta.checking import dependencies
from grants.calls.parta.definition import form_of
from grants.calls.views.blueprint import bp
from grants.calls.views.managing import seen_version
from grants.db import transaction
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.findings import Finding
from grants.web import guards
from grants.web.forms import Form

STALE = "Somebody else changed this call in the meantime. Look at the page as it is now, then change it again."
_LISTS = frozenset({Takes.COUNTRIES, Takes.KINDS, Takes.FLAGS, Takes.PICS, Takes.CATEGORIES})


def _topic(identifier: str) -> Topic:
    """A topic whose rules the manager may change now."""
    actor, now = guards.actor(), guards.received_at()
    found = queries.topic_page(actor, identifier)
    access.may_manage_call(actor, programme=found.call.programme.code).require()
    if request.method == "POST":
        access.may_change_topic(
            actor, programme=found.call.programme.code, state=found.call.state, closed=found.deadline <= now
        ).require()
    return found


def _keep(topic: Topic, form: Form, change: Callable[[int, str], None], *, done: str) -> bool:
    """Run one change of the topic; says how it went, and whether it was kept."""
    try:
        with transaction():
            change(seen_version(form["version"].data), form["reason"].data or "")
    except Invalid as problem:
        form.show(problem.findings)
        return False
    except Stale:
        flash(STALE, "error")
        form["version"].data = str(topic.call.version)
        return False
    flash(done, "success")
    return True


def _save_form(topic: Topic, form: Form, definition: dict[str, Any], *, done: str) -> bool:
    actor, now = guards.actor(), guards.received_at()
    return _keep(
        topic, form,
        lambda seen, reason: services.change_form(topic, definition, seen=seen, reason=reason, actor=actor, now=now),
        done=done,
    )  # fmt: skip


def _save_rules(topic: Topic, form: Form, kept: list[dict[str, Any]], *, done: str) -> bool:
    actor, now = guards.actor(), guards.received_at()
    return _keep(
        topic, form,
        lambda seen, reason: services.change_eligibility(topic, kept, seen=seen, reason=reason, actor=actor, now=now),
        done=done,
    )  # fmt: skip


def _fresh(form: Form, topic: Topic) -> Form:
    if request.method == "GET":
        form["version"].data = str(topic.call.version)
    return form


def _page(template: str, topic: Topic, form: Form | None = None, **more: Any) -> ResponseReturnValue:
    wrong = form is not None and form.has_errors
    return render_template(template, topic=topic, form=form, **more), 422 if wrong else 200


@bp.get("/manage/topics/<identifier>/template")
def template_changes(identifier: str) -> ResponseReturnValue:
    """Everything that differs from the template that the topic began with."""
    topic = _topic(identifier)
    title = dict(templates.choices()).get(topic.template, topic.template)
    known = topic.template_content is not None
    found = rules.changes(topic.template_content or {}, facts.template_part(topic)) if known else []
    return _page("calls/template.html", topic, title=title, changes=found, known=known)


@bp.route("/manage/topics/<identifier>/part-a", methods=["GET", "POST"])
def part_a(identifier: str) -> ResponseReturnValue:
    """The sections with their questions; POST adds a new section, or one of the shared ones."""
    topic = _topic(identifier)
    there = {each["key"] for each in topic.form.get("sections", [])}
    shared = forms.SharedSectionForm(prefix="shared-")
    shared.use.choices = [(key, each["title"]) for key, each in templates.sections().items() if key not in there]
    own = forms.SectionForm(prefix="own-")
    for form in (shared, own):
        _fresh(form, topic)
    if "shared-use" in request.form and shared.validate_on_submit():
        section = {"key": shared.use.data, **templates.sections()[shared.use.data]}
        if _save_form(topic, shared, _with_section(topic, section), done="The section is added."):
            return redirect(url_for(".part_a", identifier=identifier))
    elif "own-title" in request.form and own.validate_on_submit():
        section = _section_values(own, {"key": _new_key(own.title.data or "", there), "fields": []})
        section["fields"] = [{"key": _field_key(topic, "question"), "label": "New question", "kind": "text"}]
        if _save_form(topic, own, _with_section(topic, section), done="The section is added. Give it its questions."):
            return redirect(url_for(".edit_section", identifier=identifier, key=section["key"]))
    form = own if own.has_errors else shared
    return _page(
        "calls/part_a.html", topic, form, own=own, shared=shared, definition=form_of(topic.form),
        uses=dependencies(form_of(topic.form)),
    )  # fmt: skip


def _with_section(topic: Topic, section: dict[str, Any]) -> dict[str, Any]:
    return {**topic.form, "sections": [*topic.form.get("sections", []), section]}


def _section_values(form: forms.SectionForm, section: dict[str, Any]) -> dict[str, Any]:
    names = ("title", "intro", "scope", "when")
    return {**section, **{name: form[name].data for name in names if form[name].data or name in section}}


def _new_key(title: str, taken: set[str]) -> str:
    """A key made from words that nobody has yet."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in title.lower()).strip("_")
    base = plain[:30] if plain[:1].isalpha() else f"part_{plain}"[:30]
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, 1000))) if key not in taken)


def _field_key(topic: Topic, words: str) -> str:
    return _new_key(words, {field.key for _, field in form_of(topic.form).fields()})


def _place(topic: Topic, key: str) -> tuple[dict[str, Any], int]:
    """A copy of the form to change, and which section it is about. Raises NotFound."""
    definition = deepcopy(topic.form)
    for index, section in enumerate(definition.get("sections", [])):
        if section["key"] == key:
            return definition, index
    raise NotFound


@bp.route("/manage/topics/<identifier>/part-a/<key>", methods=["GET", "POST"])
def edit_section(identifier: str, key: str) -> ResponseReturnValue:
    topic = _topic(identifier)
    definition, index = _place(topic, key)
    section = definition["sections"][index]
    form = forms.SectionForm(data={name: section.get(name, "") for name in ("title", "intro", "scope", "when")})
    _fresh(form, topic)
    if form.validate_on_submit():
        definition["sections"][index] = _section_values(form, section)
        if _save_form(topic, form, definition, done="The section is saved."):
            return redirect(url_for(".part_a", identifier=identifier))
    return _page("calls/section.html", topic, form, key=key, section=form_of(topic.form).section(key))


@bp.post("/manage/topics/<identifier>/part-a/<key>/move")
def move_section(identifier: str, key: str) -> ResponseReturnValue:
    """One place up, or out of the form: what the button says."""
    topic, form = _topic(identifier), forms.VersionForm()
    definition, index = _place(topic, key)
    done = _moved(definition["sections"], index)
    if form.validate_on_submit() and not _save_form(topic, form, definition, done=done):
        _tell(form)
    return redirect(url_for(".part_a", identifier=identifier))


def _moved(rows: list[dict[str, Any]], index: int) -> str:
    """Change the list in place as the button said; what was done."""
    if request.form.get("do") == "remove":
        del rows[index]
        return "It is removed."
    if index:
        rows[index - 1], rows[index] = rows[index], rows[index - 1]
    return "The order is changed."


def _tell(form: Form) -> None:
    """Errors of a button's form, which has no page of its own."""
    said = [finding.message for finding in form.findings] + [error for field in form for error in field.errors]
    if said:
        flash(" ".join(said), "error")


@bp.route("/manage/topics/<identifier>/part-a/<key>/new", methods=["GET", "POST"], defaults={"field": None})
@bp.route("/manage/topics/<identifier>/part-a/<key>/<field>", methods=["GET", "POST"])
def edit_field(identifier: str, key: str, field: str | None) -> ResponseReturnValue:
    topic = _topic(identifier)
    definition, index = _place(topic, key)
    fields = definition["sections"][index]["fields"]
    at = next((number for number, each in enumerate(fields) if each["key"] == field), None)
    if field is not None and at is None:
        raise NotFound
    form = forms.FieldForm(data=_shown_field(fields[at] if at is not None else {"kind": "text"}))
    _fresh(form, topic)
    if request.method == "POST" and not form.key.data:
        form.key.data = _field_key(topic, form.label.data or "question")
    if form.validate_on_submit():
        try:
            place = slice(len(fields), None) if at is None else slice(at, at + 1)
            fields[place] = [_field_values(form)]
            if _save_form(topic, form, definition, done="The question is saved."):
                return redirect(url_for(".part_a", identifier=identifier, _anchor=key))
        except Invalid as problem:
            form.show(problem.findings)
    uses = dependencies(form_of(topic.form)).get(field or "", [])
    return _page("calls/field.html", topic, form, key=key, field=field, uses=uses)


def _shown_field(data: dict[str, Any]) -> dict[str, Any]:
    shown = dict(data)
    choices = [
        each if isinstance(each, str) else f"{each['value']} = {each['label']}" for each in data.get("choices", [])
    ]
    columns = [
        " | ".join(
            [each["key"], each["label"], each["kind"], "needed" if each.get("required") else "",
             ", ".join(c if isinstance(c, str) else c["value"] for c in each.get("choices", []))]
        ).rstrip(" |")
        for each in data.get("columns", [])
    ]  # fmt: skip
    return shown | {"choices": "\n".join(choices), "columns": "\n".join(columns)}


def _field_values(form: forms.FieldForm) -> dict[str, Any]:
    """The question as it is kept; what is empty is left out."""
    values: dict[str, Any] = {
        name: form[name].data
        for name in ("key", "label", "kind", "hint", "limit", "minimum", "maximum", "max_rows", "when")
        if form[name].data not in (None, "")
    }
    for name in ("minimum", "maximum"):
        if name in values and not _is_number(values[name]):
            raise Invalid(Finding("not-a-number", "Use a number, for example 20", place=name))
    if form.required.data:
        values["required"] = True
    if choices := [line.strip() for line in (form.choices.data or "").splitlines() if line.strip()]:
        values["choices"] = [_choice(line) for line in choices]
    if columns := [line for line in (form.columns.data or "").splitlines() if line.strip()]:
        values["columns"] = [_column(line) for line in columns]
    return values


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _choice(line: str) -> str | dict[str, str]:
    value, equals, label = line.partition(" = ")
    return {"value": value.strip(), "label": label.strip()} if equals else line


def _column(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.split("|")]
    kinds = [kind for kind, _ in forms.FieldForm.kind.kwargs["choices"]]
    if len(parts) < 3 or parts[2] not in kinds or not parts[0].isidentifier():
        message = f"“{line}”: write key | label | kind, the kind one of text, number, choice, date, yes or no."
        raise Invalid(Finding("column", message, place="columns"))
    column: dict[str, Any] = {"key": parts[0], "label": parts[1], "kind": parts[2]}
    if len(parts) > 3 and parts[3] == "needed":
        column["required"] = True
    if len(parts) > 4 and parts[4]:
        column["choices"] = [each.strip() for each in parts[4].split(",") if each.strip()]
    return column


@bp.post("/manage/topics/<identifier>/part-a/<key>/<field>/move")
def move_field(identifier: str, key: str, field: str) -> ResponseReturnValue:
    """One place up, or out of its section: what the button says."""
    topic, form = _topic(identifier), forms.VersionForm()
    definition, index = _place(topic, key)
    fields = definition["sections"][index]["fields"]
    at = next((number for number, each in enumerate(fields) if each["key"] == field), None)
    if at is None:
        raise NotFound
    done = _moved(fields, at)
    if form.validate_on_submit() and not _save_form(topic, form, definition, done=done):
        _tell(form)
    return redirect(url_for(".part_a", identifier=identifier, _anchor=key))


@bp.route("/manage/topics/<identifier>/rules", methods=["GET", "POST"])
def eligibility(identifier: str) -> ResponseReturnValue:
    """The rules in words; POST leads to the page of a new one."""
    topic, form = _topic(identifier), forms.NewRuleForm()
    if form.validate_on_submit():
        return redirect(url_for(".new_rule", identifier=identifier, kind=form.kind.data))
    version = forms.VersionForm(formdata=None, data={"version": str(topic.call.version)})
    return _page(
        "calls/rules.html", topic, form, rules=rules_of(topic.eligibility),
        implied=facts.rules_for(topic)[len(topic.eligibility) :], version=version,
    )  # fmt: skip


@bp.route("/manage/topics/<identifier>/rules/new/<kind>", methods=["GET", "POST"])
def new_rule(identifier: str, kind: str) -> ResponseReturnValue:
    topic = _topic(identifier)
    if kind not in KINDS:
        raise NotFound
    return _edit_rule(topic, {"rule": kind}, None)


@bp.route("/manage/topics/<identifier>/rules/<key>", methods=["GET", "POST"])
def edit_rule(identifier: str, key: str) -> ResponseReturnValue:
    topic = _topic(identifier)
    for at, each in enumerate(topic.eligibility):
        if (each.get("key") or each["rule"]) == key:
            return _edit_rule(topic, each, at)
    raise NotFound


def _edit_rule(topic: Topic, data: dict[str, Any], at: int | None) -> ResponseReturnValue:
    """The page of one rule; ``at``: its place among the topic's, None for a new one."""
    kept = deepcopy(topic.eligibility)
    of_kind = KINDS[str(data["rule"])]
    form = forms.rule_form(of_kind)(data=_shown_rule(data, of_kind))
    _fresh(form, topic)
    if form.validate_on_submit():
        place = slice(len(kept), None) if at is None else slice(at, at + 1)
        kept[place] = [_rule_values(form, of_kind)]
        if _save_rules(topic, form, kept, done="The rule is saved."):
            return redirect(url_for(".eligibility", identifier=topic.identifier))
    key = None if at is None else rule_of(data).key
    return _page("calls/rule.html", topic, form, kind=of_kind, key=key, groups=templates.country_groups())


def _shown_rule(data: dict[str, Any], kind: RuleKind) -> dict[str, Any]:
    rule = rule_of(data)
    shown: dict[str, Any] = {
        "key": rule.key, "severity": rule.severity.value, "citation": rule.citation, "message": rule.message
    }  # fmt: skip
    for each in kind.parameters:
        value = rule.given[each.name]
        texts = [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]
        shown[f"with_{each.name}"] = "" if value is None else ", ".join(texts)
    return shown


def _rule_values(form: forms.RuleForm, kind: RuleKind) -> dict[str, Any]:
    given = {each.name: _parameter(each.takes, form[f"with_{each.name}"].data or "") for each in kind.parameters}
    plain = {name: form[name].data for name in ("key", "severity", "citation", "message") if form[name].data}
    return {"rule": kind.key, **plain, "with": {name: value for name, value in given.items() if value is not None}}


def _parameter(takes: Takes, text: str) -> Any:
    """As it is kept: what is no number stays text, so that the check can name it."""
    if takes in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if takes is Takes.WHOLE and text.isdecimal():
        return int(text)
    return text or None


@bp.post("/manage/topics/<identifier>/rules/<key>/remove")
def remove_rule(identifier: str, key: str) -> ResponseReturnValue:
    topic, form = _topic(identifier), forms.VersionForm()
    kept = [each for each in topic.eligibility if (each.get("key") or each["rule"]) != key]
    if len(kept) == len(topic.eligibility):
        raise NotFound
    if form.validate_on_submit() and not _save_rules(topic, form, kept, done="The rule is removed."):
        _tell(form)
    return redirect(url_for(".eligibility", identifier=identifier))
