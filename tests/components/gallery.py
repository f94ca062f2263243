"""A small site that shows every component, with servers of our own behind the scripts."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from grants.kernel.actor import Actor, Role
from grants.kernel.findings import Finding, Severity
from grants.web import assets, components

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class Row(Form):
    A = StringField("A. Personnel")
    B = StringField("B. Subcontracting")
    C1 = StringField("C1. Travel")
    C2 = StringField("C2. Equipment")
    rate = StringField("Rate %")


class Budget(Form):
    rows = FieldList(FormField(Row))


class Example(FlaskForm):
    acronym = StringField("Acronym", description="Up to 20 characters, for example ALPSENSE")
    abstract = TextAreaField("Abstract", description="What you will do and why it matters.")
    topic = SelectField("Topic", choices=[("", "Choose…"), ("c", "Climate"), ("h", "Health")])
    kind = RadioField("Type of action", choices=[("ria", "Research and innovation"), ("csa", "Coordination")])
    keywords = SelectMultipleField("Keywords", choices=[("a", "Sensors"), ("b", "Rockfall")])
    start = DateField("Start date", description="The first day of a month")
    amount = StringField("Requested contribution")
    rate = StringField("Funding rate")
    secret = PasswordField("Password")
    declaration = BooleanField("I have the agreement of all partners", description="Every partner gets a mail.")
    annex = FileField("Annex", description="A PDF of at most 10 MB")
    comment = TextAreaField("Excellence comment")


VALUES = [
    ["412 000", "15 000", "18 500", "42 000", "100"],
    ["305 500", "60000", "9 800", "48.500,x", "70"],
    ["196 000", "0", "14 200", "", "100"],
]
FINDINGS = [
    Finding("a", "Aldente Sensors S.r.l.: the equipment costs are not a number", "rows-1-C2"),
    Finding("b", "The abstract is short", "abstract", Severity.WARNS, "Guide for applicants, 3.2"),
    Finding("c", "Check the links to earlier projects", "", Severity.OFFICER),
]


def gallery_app(world: dict[str, Any]) -> Flask:
    """``world``: what the servers behind the scripts do next, and what they were sent."""
    app = Flask("gallery", static_folder=str(assets.DIST.parent), template_folder=str(assets.ROOT / "templates"))
    app.config.update(SECRET_KEY="for the gallery only")
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    assets.init_app(app)
    components.init_app(app)

    @app.after_request
    def policy(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.context_processor
    def frame() -> dict[str, Any]:
        nav = [
            {"label": name, "url": "#", "current": name == "Ranking"} for name in ("Proposals", "Calls", "Ranking")
        ]
        actor = Actor(1, "Anna Nowak", "anna@example.org", frozenset({Role.MANAGER}))
        return {"actor": actor, "nav": nav, "demo_mode": True, "funder_name": ""}

    @app.get("/")
    def gallery() -> str:
        budget = Budget(
            data={"rows": [dict(zip(("A", "B", "C1", "C2", "rate"), row, strict=True)) for row in VALUES]}
        )
        budget.rows[1].form.C2.errors = ["Use digits only, for example 48500"]
        form = Example(data={"acronym": "ALPSENSE", "abstract": "Early warning.", "kind": "ria", "keywords": ["a"]})
        form.topic.errors = ["Choose a topic"]
        now = int(time.time() * 1000)
        return render_template("components/gallery.html", form=form, broken=budget, findings=FINDINGS, now_ms=now)

    @app.get("/problem")
    def problem() -> str:
        return render_template("problems/problem.html", status=404, title="There is no such page", reference="7f3a")

    @app.get("/now")
    def now() -> ResponseReturnValue:
        return jsonify(now=int(time.time() * 1000))

    @app.get("/document.pdf")
    def document() -> ResponseReturnValue:
        return app.response_class(world["pdf"], mimetype="application/pdf")

    @app.post("/autosave")
    def autosave() -> ResponseReturnValue:
        answer = world["next"].pop(0) if world["next"] else "save"
        if answer == "broken":
            return jsonify(), 503
        if answer == "signed out":
            return jsonify(sign_in="/sign-in"), 401
        if answer == "conflict":
            world["version"] += 1
            theirs = {"acronym": "THEIRS", "abstract": "Their text."}
            yours = {name: request.form[name] for name in theirs}
            labels = {"acronym": "Acronym", "abstract": "Abstract"}
            return jsonify(version=world["version"], by="Jan Kowal", current=theirs, yours=yours, labels=labels), 409
        assert int(request.form["version"]) == world["version"]
        assert request.headers["X-Autosave"] == "1"
        world["version"] += 1
        world["saved"].append(request.form.to_dict())
        return jsonify(version=world["version"], saved_at="14:32:09", by="Anna Nowak", findings=[])

    @app.post("/sign-in")
    def sign_in() -> ResponseReturnValue:
        if request.get_json()["password"] != "right":
            return jsonify(message="E-mail address or password is wrong."), 401
        return jsonify(csrf_token=generate_csrf())

    @app.post("/tickets")
    def ticket() -> ResponseReturnValue:
        wanted = request.get_json()
        world["tickets"].append(wanted)
        token = {"X-CSRF-Token": request.headers["X-CSRF-Token"]}
        answer = {"document": 5, "method": "PUT", "url": "/put/0", "headers": token, "done_url": "/done"}
        answer |= {"cancel_url": "/cancel", "status_url": "/status"}
        if wanted["size"] > 2000:
            numbers = range(1, -(-wanted["size"] // 1000) + 1)
            parts = [{"number": number, "url": None if number == 2 else f"/put/{number}"} for number in numbers]
            answer["multipart"] = {"upload_id": "u", "part_size": 1000, "parts": parts, "part_url": "/part"}
            answer["multipart"] |= {"complete_url": "/complete", "done": sorted(world["parts"])}
        return jsonify(answer)

    @app.put("/put/<int:number>")
    def put(number: int) -> ResponseReturnValue:
        data = request.get_data()
        if number in world["fail"]:
            world["fail"].remove(number)
            return "", 500
        world["parts"][number] = len(data)
        return "", 200, {"ETag": f'"{number}"'}

    @app.post("/part")
    def part() -> ResponseReturnValue:
        return jsonify(url=f"/put/{request.get_json()['number']}")

    @app.post("/complete")
    def complete() -> ResponseReturnValue:
        world["complete"] = request.get_json()
        return jsonify()

    @app.post("/done")
    def done() -> ResponseReturnValue:
        return jsonify(state="checking")

    @app.get("/status")
    def status() -> ResponseReturnValue:
        return jsonify(world["verdict"])

    @app.post("/cancel")
    def cancel() -> ResponseReturnValue:
        world["cancelled"] = True
        return jsonify()

    return app
