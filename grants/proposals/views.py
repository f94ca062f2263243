"""Applicants' pages: own proposals, the parts of a draft, submission, receipts, and checking a receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.calls.parta.answers import is_asked, left_over, section_values
from grants.calls.parta.definition import FieldKind, Scope, Section, form_of
from grants.calls.rules import changes
from grants.db import db, transaction
from grants.documents import queries as documents_read
from grants.documents.models import Document
from grants.documents.rules import KINDS
from grants.documents.views import begin, serve, take
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Stale
from grants.kernel.findings import Finding
from grants.organisations import queries as organisations
from grants.proposals import (
    access,
    answering,
    budgeting,
    facts,
    forms,
    narrowing,
    papers,
    queries,
    receipts,
    representing,
    rules,
    services,
)
from grants.proposals.access import WHOLE, Part, PartKind
from grants.proposals.models import Proposal, Receipt, Submission
from grants.proposals.parta_forms import section_form, typed
from grants.proposals.queries import Opened
from grants.proposals.states import ParticipantRole
from grants.web import guards, listing
from grants.web.filters import short_instant

bp = Blueprint("proposals", __name__)
UPLOADED = ("part_b", "annex")


def apply_slot(*, topic: Topic, phase: str, actor: Actor, **_: Any) -> str:
    """On a topic's page: go on with a draft, or start one."""
    own = queries.own_for_topic(actor, topic.id) if actor.signed_in else []
    return render_template("proposals/_apply.html", topic=topic, phase=phase, actor=actor, own=own)


def home_slot(*, actor: Actor, now: Any) -> str:
    """On the first page: the proposals that the person works on, newest first."""
    if not actor.signed_in:
        return ""
    page = listing.page(queries.own_proposals(actor), [Proposal.number], descending=True, size=5, scalars=False)
    return render_template("proposals/_home.html", proposals=page.rows, now=now) if page.rows else ""


@bp.get("/proposals")
def own() -> ResponseReturnValue:
    actor = guards.actor()
    page = listing.page(
        queries.own_proposals(actor), [Proposal.number], descending=True, after=request.args.get("after"),
        before=request.args.get("before"), size=listing.size_of(request.args.get("size")), scalars=False,
    )  # fmt: skip
    return render_template("proposals/own.html", page=page, now=guards.received_at())


@bp.route("/topics/<identifier>/apply", methods=["GET", "POST"])
def start(identifier: str) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    topic = calls.topic_page(actor, identifier)
    form = forms.StartForm()
    mine = organisations.of_account(actor.id or 0)
    form.organisation.choices = [(each.pic, each.legal_name) for each in mine] + [("", "Choose later")]
    if form.validate_on_submit():
        chosen = next((each for each in mine if each.pic == form.organisation.data), None)
        with transaction():
            made = services.start_draft(topic, organisation=chosen, actor=actor, now=now)
        flash(f"Your draft is {made.number}. It saves by itself.", "success")
        return redirect(url_for(".general", number=made.number))
    earlier = queries.own_for_topic(actor, topic.id)
    return render_template("proposals/start.html", topic=topic, form=form, earlier=earlier)


@bp.post("/topics/<identifier>/try")
def try_out(identifier: str) -> ResponseReturnValue:
    """A manager tries the application as an applicant, before publication too."""
    actor, now = guards.actor(), guards.received_at()
    topic = calls.topic_page(actor, identifier)
    mine = organisations.of_account(actor.id or 0)
    with transaction():
        made = services.start_draft(topic, organisation=next(iter(mine), None), actor=actor, now=now, trial=True)
    flash("This is a trial: fill in what you like. It is checked like a proposal and never handed in.", "success")
    return redirect(url_for(".overview", number=made.number))


@bp.post("/proposals/<int:number>/remove-trial")
def remove_trial(number: int) -> ResponseReturnValue:
    opened = _open(number)
    identifier = opened.proposal.topic.identifier
    with transaction():
        services.remove_trial(opened, actor=guards.actor(), now=guards.received_at())
    flash("The trial is removed.", "success")
    return redirect(url_for("calls.topic", identifier=identifier))


def _open(
    number: int, *, whole: bool = True, files: bool = True, part: Part | None = WHOLE, locked: bool = False
) -> Opened:
    """``part``: what the page shows; None where it shows no more than ``narrowing`` leaves."""
    return queries.open_proposal(
        guards.actor(), number, now=guards.received_at(), whole=whole, files=files, part=part, locked=locked
    )


def _page(
    template: str,
    opened: Opened,
    *,
    part: Part = WHOLE,
    findings: list[Finding] | None = None,
    last: Submission | None = None,
    **more: Any,
) -> str:
    """A page of a proposal. ``part``: what it edits. ``findings``: where they are made already. ``last``: the version
    that counts, where it was read already."""
    actor, now, proposal = guards.actor(), guards.received_at(), opened.proposal
    findings = narrowing.findings(opened) if findings is None else findings
    reads_all = narrowing.narrow(opened)
    last = (last or queries.last_submission(proposal.id)) if reads_all else None
    return render_template(
        template, proposal=proposal, topic=proposal.topic, zone=proposal.topic.call.zone, now=now, findings=findings,
        may_edit=access.may_edit_part(actor, opened.access, part, now=now), last=last, reads_all=reads_all,
        may_edit_row=lambda row_id: access.may_edit_part(
            actor, opened.access, Part(PartKind.BUDGET, row_id), now=now
        ),
        member=opened.access.member,
        unsubmitted=last is not None and proposal.changed_at > last.submitted_at,
        may_submit=access.may_submit(actor, opened.access, now=now),
        saved=f"Saved {short_instant(proposal.changed_at, actor.timezone or 'UTC')} by {proposal.changed_by.name}",
        closes=queries.closes_at(proposal), part_a=form_of(proposal.topic.form),
        place_url=lambda finding: place_url(proposal.number, finding.place), **more,
    )  # fmt: skip


def place_url(number: int, place: str) -> str:
    """Where a finding is mended."""
    part = place.partition(".")[0]
    if part == "sections":
        return section_url(number, place)
    if part == "budget":
        return budget_url(number, place)
    pages = {"general": ".general", "consortium": ".consortium"}
    anchor = place.partition(".")[2] if part == "general" else place
    return url_for(pages.get(part, ".files"), number=number, _anchor=anchor or None)


def budget_url(number: int, place: str) -> str:
    """Where a finding about the budget is mended: ``budget.PARTICIPANT.FIELD``, on the page that has that row."""
    row = place.split(".")[1] if "." in place else None
    return url_for(".budget", number=number, row=row, _anchor=place)


def section_url(number: int, place: str) -> str:
    """Where a finding about Part A is mended: ``sections.KEY.FIELD``, or ``sections.KEY.PARTICIPANT.FIELD``."""
    _, key, *rest = place.split(".")
    participant = int(rest.pop(0)) if rest and rest[0].isdigit() else None
    anchor = "-".join(rest) or None
    return url_for(".section", number=number, key=key, participant_id=participant, _anchor=anchor)


@bp.get("/proposals/<int:number>")
def overview(number: int) -> ResponseReturnValue:
    opened = _open(number, part=None)
    if not narrowing.reads_all(opened):
        return _page("proposals/own_part.html", opened, rows=_sections(opened))
    preview = papers.preview_of(opened.proposal) if access.may_preview(opened.access) else None
    versions = queries.submissions_of(opened.proposal.id)
    return _page("proposals/overview.html", opened, versions=versions, preview=preview)


@bp.route("/proposals/<int:number>/general", methods=["GET", "POST"])
def general(number: int) -> ResponseReturnValue:
    opened = _open(number)
    texts = services.general_texts(opened.proposal)
    form = forms.GeneralForm(data={**texts, "version": str(opened.proposal.version)})
    conflict = None
    if form.validate_on_submit():
        values = {name: form[name].data or "" for name in services.GENERAL_FIELDS}
        try:
            with transaction():
                services.save_general(
                    opened, values, seen=_number(form.version.data), actor=guards.actor(), now=guards.received_at()
                )
            flash("Saved.", "success")
            return redirect(url_for(".general", number=number))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale as problem:
            conflict, form.version.data = problem, str(problem.version)
    status = 409 if conflict else 422 if form.has_errors else 200
    return _page("proposals/general.html", opened, form=form, conflict=conflict, limits=rules.Limits()), status


@bp.post("/proposals/<int:number>/general/save")
def save_general(number: int) -> ResponseReturnValue:
    """Saves by itself: answers with the new version, or with both texts."""
    opened, now = _open(number, whole=False), guards.received_at()
    values = {name: request.form[name] for name in services.GENERAL_FIELDS if name in request.form}
    with transaction():
        version = services.save_general(
            opened, values, seen=_number(request.form.get("version")), actor=guards.actor(), now=now
        )
    return _saved(version)


@bp.get("/proposals/<int:number>/part-a")
def part_a(number: int) -> ResponseReturnValue:
    """All sections of Part A with how far each is, and what changed in the form since the draft was begun."""
    opened = _open(number, part=None)
    proposal = opened.proposal
    newer: list[Any] = []
    if proposal.form_number != proposal.topic.form_number:
        known = queries.form_version(proposal.topic_id, proposal.form_number)
        newer = changes(known.definition if known else {}, proposal.topic.form)
    answers = facts.common_answers(proposal)
    if budgeting.has_own_packages(proposal.topic):
        answers.pop(budgeting.PACKAGES.key, None)  # not left over: the budget asks for it
    left = left_over(form_of(proposal.topic.form), answers) if narrowing.reads_all(opened) else []
    return _page("proposals/part_a.html", opened, newer=newer, left=left, rows=_sections(opened))


def _sections(opened: Opened) -> list[dict[str, Any]]:
    """Every section to answer that the person may read, those of participants once for each."""
    form = form_of(opened.proposal.topic.form)
    rows = []
    for section in form.sections:
        whose = opened.proposal.participants if section.scope is Scope.PARTICIPANT else [None]
        for each in whose:
            place = f"sections.{section.key}" + (f".{each.id}" if each else "")
            part = access.part_of(place)
            if not access.may_read_part(guards.actor(), opened.access, part, now=guards.received_at()):
                continue
            rows.append({
                "section": section, "participant": each, "place": place,
                "answer": facts.section_answers(opened.proposal, section, each.id if each else None),
            })  # fmt: skip
    return rows


@bp.post("/proposals/<int:number>/part-a/seen")
def accept_form(number: int) -> ResponseReturnValue:
    opened = _open(number, whole=False)
    with transaction():
        answering.accept_form(opened, actor=guards.actor(), now=guards.received_at())
    return redirect(url_for(".part_a", number=number))


@bp.route("/proposals/<int:number>/sections/<key>", methods=["GET", "POST"])
@bp.route("/proposals/<int:number>/sections/<key>/<int:participant_id>", methods=["GET", "POST"])
def section(number: int, key: str, participant_id: int | None = None) -> ResponseReturnValue:
    part = Part(PartKind.SECTION, participant_id, key)
    opened = _open(number, part=part)
    proposal = opened.proposal
    wanted = answering.section_of_draft(proposal, key, participant_id)
    answer = facts.section_answers(proposal, wanted, participant_id)
    given, version = (answer.given, answer.version) if answer else ({}, 0)
    form = section_form(wanted, given, version=version, fresh=request.method == "GET")
    conflict = None
    if form.validate_on_submit():
        try:
            with transaction():
                answering.save_section(
                    opened, wanted, typed(wanted, form), participant_id=participant_id,
                    seen=_number(form["version"].data), actor=guards.actor(), now=guards.received_at(),
                )  # fmt: skip
            flash("Saved.", "success")
            return redirect(url_for(".section", number=number, key=key, participant_id=participant_id))
        except Stale as problem:
            conflict, form["version"].data = problem, str(problem.version)
    page = _page(
        "proposals/section.html", opened, part=part, section=wanted, form=form, conflict=conflict, answer=answer,
        participant=next((each for each in proposal.participants if each.id == participant_id), None),
        asked=_asked(proposal, wanted, given), uploads=_uploads(proposal),
    )  # fmt: skip
    return page, 409 if conflict else 200


def _asked(proposal: Proposal, section: Section, given: dict[str, Any]) -> set[str]:
    """The fields that are asked as things stand; empty where the whole section is not."""
    form, case = form_of(proposal.topic.form), facts.case_of(proposal, (), facts.sums(proposal))
    values = section_values(section, given, case.values()) if section.scope is Scope.PARTICIPANT else case.values()
    if not is_asked(form, section, values):
        return set()
    return {field.key for field in section.fields if is_asked(form, section, values, field)}


def _uploads(proposal: Proposal) -> dict[str, Any]:
    """Attachments by the annex or field that they answer."""
    return {each.annex: each for each in proposal.attachments if each.annex and each.removed_at is None}


@bp.post("/proposals/<int:number>/sections/<key>/save")
@bp.post("/proposals/<int:number>/sections/<key>/<int:participant_id>/save")
def save_section(number: int, key: str, participant_id: int | None = None) -> ResponseReturnValue:
    """Saves by itself: the new version and which questions are asked now, or both texts."""
    opened = _open(number, part=Part(PartKind.SECTION, participant_id, key))
    wanted = answering.section_of_draft(opened.proposal, key, participant_id)
    given = typed(wanted, section_form(wanted, {}, version=0, fresh=False))
    with transaction():
        version = answering.save_section(
            opened, wanted, given, participant_id=participant_id, seen=_number(request.form.get("version")),
            actor=guards.actor(), now=guards.received_at(),
        )  # fmt: skip
    db.session.refresh(opened.proposal, ["answers"])
    return _saved(version, asked=sorted(_asked(opened.proposal, wanted, given)))


def _saved(version: int, **more: Any) -> ResponseReturnValue:
    zone = guards.actor().timezone or "UTC"
    time_of_day = guards.received_at().astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")
    return jsonify(version=version, saved_at=time_of_day, by=guards.actor().name, **more)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


@bp.route("/proposals/<int:number>/consortium", methods=["GET", "POST"])
def consortium(number: int) -> ResponseReturnValue:
    opened, actor, now = _open(number), guards.actor(), guards.received_at()
    if request.method == "POST":
        access.may_edit(actor, opened.access, now=now).require()
    form = forms.AddParticipantForm()
    text = request.args.get("q", "").strip()
    if form.validate_on_submit():
        organisation = organisations.by_pic(form.pic.data or "")
        if organisation is None:
            raise NotFound
        try:
            with transaction():
                services.add_participant(
                    opened, organisation, role=ParticipantRole(form.role.data), actor=actor, now=now
                )
            flash(f"{organisation.legal_name} is in the consortium.", "success")
            return redirect(url_for(".consortium", number=number))
        except Invalid as problem:
            form.show(problem.findings)
    found = organisations.find(text) if text else []
    page = _page(
        "proposals/consortium.html", opened, form=form, text=text, found=found,
        refusals=representing.refusals_to(opened.proposal),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/proposals/<int:number>/consortium/<int:participant_id>/remove")
def remove_participant(number: int, participant_id: int) -> ResponseReturnValue:
    opened = _open(number)
    with transaction():
        services.remove_participant(opened, participant_id, actor=guards.actor(), now=guards.received_at())
    flash("The organisation is out of the consortium.", "success")
    return redirect(url_for(".consortium", number=number))


@bp.post("/proposals/<int:number>/consortium/<int:participant_id>/coordinator")
def make_coordinator(number: int, participant_id: int) -> ResponseReturnValue:
    opened = _open(number)
    with transaction():
        services.make_coordinator(opened, participant_id, actor=guards.actor(), now=guards.received_at())
    flash("The coordinator is changed.", "success")
    return redirect(url_for(".consortium", number=number))


@bp.get("/proposals/<int:number>/files")
def files(number: int) -> ResponseReturnValue:
    opened = _open(number)
    return _page("proposals/files.html", opened, kinds=KINDS, form=forms.FileForm(), slots=_slots(opened.proposal))


def _slots(proposal: Proposal) -> list[dict[str, Any]]:
    """What may be uploaded: Part B, each annex that the topic or Part A names, free annexes."""
    limit = facts.stage_limits(proposal).get("page_limit")
    words = f"At most {limit} pages. Longer files are taken, but pages after the limit are not read." if limit else ""
    named = [
        {"part": each["code"], "title": each["name"], "hint": each.get("hint", ""), "required": each.get("required")}
        for each in proposal.topic.annexes
    ]  # fmt: skip
    named += [
        {"part": field.key, "title": field.label, "hint": field.hint, "required": field.required}
        for _, field in form_of(proposal.topic.form).fields() if field.kind is FieldKind.FILE
    ]  # fmt: skip
    slots = [
        {"kind": "part_b", "part": "", "title": "Part B", "hint": words, "required": True},
        *({"kind": "annex", **each} for each in named),
        {"kind": "annex", "part": "", "title": "Other annexes", "hint": "", "required": False},
    ]
    for each in slots:
        kept = [
            row for row in proposal.attachments
            if (row.kind, row.annex) == (each["kind"], each["part"]) and row.removed_at is None
        ]  # fmt: skip
        each["id"], each["kept"] = each["part"] or each["kind"], kept
        single = each["part"] or each["kind"] == "part_b"
        verb = "Replace" if kept and single else "Upload"
        each["label"] = f"{verb} {each['title'] if single else 'an annex'}"
    return slots


@bp.post("/proposals/<int:number>/files/<kind>/ticket")
def ticket(number: int, kind: str) -> ResponseReturnValue:
    opened, actor, now = _open(number), guards.actor(), guards.received_at()
    access.may_edit(actor, opened.access, now=now).require()
    return begin(opened.proposal.ref(), _kind(kind), part=_part(opened.proposal, kind))


@bp.post("/proposals/<int:number>/files/<kind>")
def upload(number: int, kind: str) -> ResponseReturnValue:
    """The whole file through the app, for browsers without JavaScript."""
    opened, actor, now = _open(number), guards.actor(), guards.received_at()
    access.may_edit(actor, opened.access, now=now).require()
    take(opened.proposal.ref(), _kind(kind), done="is in the proposal.", part=_part(opened.proposal, kind))
    return redirect(url_for(".files", number=number))


def _part(proposal: Proposal, kind: str) -> str:
    """Which annex of the topic, or file of Part A, an upload is; empty for a free annex. Raises NotFound."""
    part = request.args.get("part", "")
    form = form_of(proposal.topic.form)
    wanted = {each["code"] for each in proposal.topic.annexes}
    wanted |= {field.key for _, field in form.fields() if field.kind is FieldKind.FILE}
    if part and (kind != "annex" or part not in wanted):
        raise NotFound
    return part


def _kind(kind: str) -> str:
    if kind not in UPLOADED:
        raise NotFound
    return kind


@bp.post("/proposals/<int:number>/files/<int:attachment_id>/remove")
def remove_file(number: int, attachment_id: int) -> ResponseReturnValue:
    opened = _open(number)
    with transaction():
        services.remove_attachment(opened, attachment_id, actor=guards.actor(), now=guards.received_at())
    flash("The file is out of the draft. Submitted versions keep it.", "success")
    return redirect(url_for(".files", number=number))


@bp.get("/proposals/<int:number>/files/<uuid:document_id>")
def file(number: int, document_id: UUID) -> ResponseReturnValue:
    opened = _open(number)
    document = documents_read.document(document_id)
    if document is None or document.owner_key != str(opened.proposal.number) or document.owner_kind != "proposal":
        raise NotFound
    return serve(document, guards.actor())


@bp.route("/proposals/<int:number>/submit", methods=["GET", "POST"])
def submit(number: int) -> ResponseReturnValue:
    form, now = forms.SubmitForm(), guards.received_at()
    opened = _open(number, locked=request.method == "POST")
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.submit_proposal(opened, actor=guards.actor(), now=now, key=_key(form.key.data))
                papers.ask_for_papers(made.id, new=made.submitted_at == now)
            flash("Your proposal is submitted. The receipt is on its way by e-mail.", "success")
            return redirect(url_for(".receipt", number=number, version=made.number))
        except Invalid as problem:
            form.show(problem.findings)
            opened = _open(number)
    elif request.method == "POST":
        access.may_submit(guards.actor(), opened.access, now=now).require()
    if request.method == "GET":
        form.key.data = str(_intent(opened.proposal))
    return _page("proposals/submit.html", opened, form=form), 422 if form.has_errors else 200


def _intent(proposal: Proposal) -> UUID:
    """To hand in this draft as it stands, as its next version: two tabs that show the same mean the same."""
    version = len(queries.versions(proposal.id)) + 1
    return uuid5(NAMESPACE_URL, f"{proposal.number}/{version}/{proposal.changed_at.isoformat()}")


def _key(text: str | None) -> UUID:
    return _uuid(text) or uuid4()


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


@bp.post("/proposals/<int:number>/withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    opened = _open(number)
    with transaction():
        services.withdraw(opened, actor=guards.actor(), now=guards.received_at())
    flash("The proposal is withdrawn. You can undo this until the deadline.", "success")
    return redirect(url_for(".overview", number=number))


@bp.post("/proposals/<int:number>/restore")
def restore(number: int) -> ResponseReturnValue:
    opened = _open(number)
    with transaction():
        services.restore(opened, actor=guards.actor(), now=guards.received_at())
    flash("The last submitted version counts again.", "success")
    return redirect(url_for(".overview", number=number))


@bp.get("/proposals/<int:number>/versions/<int:version>")
def receipt(number: int, version: int) -> ResponseReturnValue:
    """All facts at once; the signed files when the worker has made them, for which the page asks again."""
    opened = _open(number)
    last = queries.last_submission(opened.proposal.id)
    submission = last if last and last.number == version else queries.submission(opened.proposal.id, version)
    signed = queries.receipt_of(submission.id)
    return _page(
        "proposals/receipt.html",
        opened,
        last=last,
        submission=submission,
        signed=signed,
        papers=papers.of_version(submission.id),
    )


@bp.get("/proposals/<int:number>/versions/<int:version>/receipt.pdf")
def receipt_pdf(number: int, version: int) -> ResponseReturnValue:
    return _signed_file(number, version, lambda signed: signed.pdf)


@bp.get("/proposals/<int:number>/versions/<int:version>/receipt.json")
def receipt_json(number: int, version: int) -> ResponseReturnValue:
    return _signed_file(number, version, lambda signed: signed.statement)


def _signed_file(number: int, version: int, choose: Callable[[Receipt], Document]) -> ResponseReturnValue:
    opened = _open(number, whole=False)
    signed = queries.receipt_of(queries.submission(opened.proposal.id, version).id)
    if signed is None:
        flash("The receipt is being signed. It is here in a moment.", "info")
        return redirect(url_for(".receipt", number=number, version=version))
    return serve(choose(signed), guards.actor())


@bp.route("/verify", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """Open to everybody: a receipt's code, a signed receipt, a file or its SHA-256. Shows what their holder knows."""
    form = forms.FileForm()
    code, digest = request.values.get("code", "").strip().upper(), request.values.get("sha256", "").strip().lower()
    sent = request.files.get("file")
    content = b""
    if request.method == "POST" and sent is not None and sent.filename:
        digest = hashlib.file_digest(cast(BytesIO, sent.stream), "sha256").hexdigest()
        sent.stream.seek(0)
        content = sent.stream.read(receipts.LARGEST_STATEMENT + 1)
    submission = queries.submission_by_code(code) if code else None
    if submission is None and digest:
        hashes = [digest, receipts.canonical_sha256(content)] if content else [digest]
        submission = queries.submission_of_receipt(hashes)
    found = queries.submissions_with_file(digest) if digest and not submission else []
    return render_template(
        "proposals/verify.html", form=form, code=code, digest=digest, submission=submission, found=found,
        asked=bool(code or digest), certificates=queries.certificates(),
    )  # fmt: skip


@bp.get("/verify/certificates.pem")
def certificates() -> ResponseReturnValue:
    """Every certificate that receipts were signed with: what checking one offline compares with."""
    known = queries.certificates()
    if not known:
        raise NotFound
    return Response("".join(each.pem for each in known), mimetype="application/x-pem-file")
