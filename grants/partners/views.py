"""Pages of the partner search: public list, one entry, letters, the managers' list and limits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls import queries as calls
from grants.calls.models import Topic
from grants.db import transaction
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound
from grants.organisations import queries as organisations
from grants.partners import access, forms, queries, services
from grants.partners.models import PartnerConversation, PartnerEntry
from grants.partners.queries import EntryFilter
from grants.partners.rules import Limits, Said, address_shown, keywords_of
from grants.partners.states import EntryKind
from grants.web import guards, listing
from grants.web.filters import country

bp = Blueprint("partners", __name__)
_ON_TOPIC = 5


def topic_slot(*, topic: Topic, actor: Actor, now: Any) -> str:
    """On the public page of a topic: the newest entries, and the way to publish one."""
    if queries.is_closed(topic, now=now):
        return ""
    rows = queries.public(EntryFilter(topic=topic.identifier), now=now)
    page = listing.page(rows, [PartnerEntry.id], descending=True, size=_ON_TOPIC)
    return render_template("partners/_topic.html", topic=topic, entries=page.rows, more=page.following, actor=actor)


def manage_slot(*, topic: Topic, **_: Any) -> str:
    """On the manager's page of a call: the way to the entries of each topic."""
    return render_template("partners/_manage.html", topic=topic)


@bp.get("/partners")
def public_list() -> ResponseReturnValue:
    now, args = guards.received_at(), request.args
    wanted = EntryFilter(
        text=args.get("q", "").strip(), topic=args.get("topic", ""), kind=args.get("kind", ""),
        country=args.get("country", ""),
    )  # fmt: skip
    page = _pages(queries.public(wanted, now=now), PartnerEntry.id)
    topics, countries = queries.choices(now=now)
    return render_template(
        "partners/list.html", page=page, wanted=wanted, topics=topics,
        countries=sorted(((code, country(code)) for code in countries), key=lambda pair: pair[1]),
        kinds=[(kind.value, kind.label) for kind in EntryKind], signed_in=guards.visitor().signed_in,
    )  # fmt: skip


def _pages(rows: Any, column: Any) -> listing.Page[Any]:
    return listing.page(
        rows, [column], descending=True, after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip


@bp.get("/partners/mine")
def mine() -> ResponseReturnValue:
    """What a person published, and the letters they wrote and got."""
    actor = guards.actor()
    letters = _pages(queries.conversations_of(actor), PartnerConversation.id)
    entries = listing.page(queries.own(actor), [PartnerEntry.id], descending=True, size=listing.SIZES[1])
    return render_template("partners/mine.html", entries=entries.rows, page=letters, now=guards.received_at())


@bp.get("/partners/<int:entry_id>")
def one(entry_id: int) -> ResponseReturnValue:
    return _entry_page(queries.open_entry(guards.visitor(), entry_id, now=guards.received_at()))


def _entry_page(entry: PartnerEntry, report: forms.ReasonForm | None = None) -> ResponseReturnValue:
    actor, now = guards.visitor(), guards.received_at()
    closed = queries.is_closed(entry.topic, now=now)
    author, owner = entry.author_id, entry.organisation_id
    page = render_template(
        "partners/one.html", entry=entry, closed=closed, report=report or forms.ReasonForm(formdata=None),
        may_change=access.may_change(actor, author=author, organisation_id=owner),
        may_contact=access.may_contact(
            actor, author=author, organisation_id=owner, state=entry.state, closed=closed
        ),
        may_manage=access.may_manage(actor, programme=entry.topic.call.programme.code),
        reported=actor.id is not None and queries.has_reported(entry.id, actor.id), signed_in=actor.signed_in,
    )  # fmt: skip
    return page, 422 if report is not None and report.has_errors else 200


@bp.route("/topics/<identifier>/partners/new", methods=["GET", "POST"])
def new(identifier: str) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    topic = calls.topic_page(actor, identifier)
    access.may_publish(actor, organisation_id=None, closed=queries.is_closed(topic, now=now)).require()
    form, own = forms.EntryForm(), organisations.of_account(actor.id or 0)
    form.organisation.choices = [("", "Myself"), *((each.pic, each.legal_name) for each in own)]
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.publish(
                    topic, kind=EntryKind(form.kind.data),
                    organisation=next((each for each in own if each.pic == form.organisation.data), None),
                    country=form.country.data or "", title=form.title.data or "", text=form.text.data or "",
                    keywords=keywords_of(form.keywords.data or ""), actor=actor, now=now,
                )  # fmt: skip
            flash("Your entry is public until the deadline of the topic.", "success")
            return redirect(url_for(".one", entry_id=made.id))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("partners/new.html", form=form, topic=topic), 422 if form.has_errors else 200


@bp.post("/partners/<int:entry_id>/withdraw")
def withdraw(entry_id: int) -> ResponseReturnValue:
    return _changed(entry_id, services.withdraw, "The entry is withdrawn. You can publish it again.")


@bp.post("/partners/<int:entry_id>/publish")
def publish_again(entry_id: int) -> ResponseReturnValue:
    return _changed(entry_id, services.publish_again, "The entry is public again.")


@bp.post("/partners/<int:entry_id>/show")
def show(entry_id: int) -> ResponseReturnValue:
    return _changed(entry_id, services.show, "The entry is public again.")


def _changed(entry_id: int, step: Any, said: str) -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    entry = queries.open_entry(actor, entry_id, now=now)
    with transaction():
        step(entry, actor=actor, now=now)
    flash(said, "success")
    return redirect(url_for(".one", entry_id=entry.id))


@bp.route("/partners/<int:entry_id>/contact", methods=["GET", "POST"])
def contact(entry_id: int) -> ResponseReturnValue:
    actor, now, form = guards.actor(), guards.received_at(), forms.LetterForm()
    entry = queries.open_entry(actor, entry_id, now=now)
    access.may_contact(
        actor, author=entry.author_id, organisation_id=entry.organisation_id, state=entry.state,
        closed=queries.is_closed(entry.topic, now=now),
    ).require()  # fmt: skip
    if form.validate_on_submit():
        try:
            with transaction():
                begun = services.contact(
                    entry, text=form.text.data or "", shares_address=bool(form.shares_address.data), actor=actor,
                    now=now,
                )  # fmt: skip
            flash("Your letter is on its way. The answer comes by letter and stands here.", "success")
            return redirect(url_for(".conversation", public_id=begun.public_id))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("partners/contact.html", form=form, entry=entry), 422 if form.has_errors else 200


@bp.route("/partners/letters/<uuid:public_id>", methods=["GET", "POST"])
def conversation(public_id: UUID) -> ResponseReturnValue:
    """What two people wrote to each other; POST answers."""
    actor, form = guards.actor(), forms.LetterForm()
    found = queries.conversation(actor, public_id)
    if form.validate_on_submit():
        try:
            with transaction():
                services.answer(
                    found, text=form.text.data or "", shares_address=bool(form.shares_address.data), actor=actor,
                    now=guards.received_at(),
                )  # fmt: skip
            flash("Your answer is on its way.", "success")
            return redirect(url_for(".conversation", public_id=public_id))
        except Invalid as problem:
            form.show(problem.findings)
    other = found.entry.author if actor.id == found.asker_id else found.asker
    said = [Said(each.author_id, each.shares_address) for each in found.letters]
    page = render_template(
        "partners/conversation.html", form=form, conversation=found, other=other, me=actor.id,
        address=other.email if address_shown(other.id, said) else "",
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/partners/<int:entry_id>/report")
def report(entry_id: int) -> ResponseReturnValue:
    actor, now, form = guards.actor(), guards.received_at(), forms.ReasonForm()
    entry = queries.open_entry(actor, entry_id, now=now)
    access.may_contact(
        actor, author=entry.author_id, organisation_id=entry.organisation_id, state=entry.state,
        closed=queries.is_closed(entry.topic, now=now),
    ).require()  # fmt: skip
    if form.validate_on_submit():
        try:
            with transaction():
                services.report(entry, reason=form.reason.data or "", actor=actor, now=now)
            flash("Thank you. The programme's managers will look at the entry.", "success")
            return redirect(url_for(".one", entry_id=entry.id))
        except Invalid as problem:
            form.show(problem.findings)
    return _entry_page(entry, form)


@bp.get("/manage/topics/<identifier>/partners")
def managed(identifier: str) -> ResponseReturnValue:
    """All entries on a topic with their reports."""
    actor = guards.staff(Role.MANAGER)
    topic = calls.topic_for_work(actor, identifier)
    access.may_manage(actor, programme=topic.call.programme.code).require()
    page = _pages(queries.on_topic(topic.id), PartnerEntry.id)
    return render_template(
        "partners/managed.html", topic=topic, page=page, reports=queries.reports_of([each.id for each in page.rows]),
    )  # fmt: skip


@bp.route("/partners/<int:entry_id>/hide", methods=["GET", "POST"])
def hide(entry_id: int) -> ResponseReturnValue:
    """A manager takes an entry from the public pages, with a reason."""
    actor, now, form = guards.staff(Role.MANAGER), guards.received_at(), forms.ReasonForm()
    entry = queries.open_entry(actor, entry_id, now=now)
    access.may_manage(actor, programme=entry.topic.call.programme.code).require()
    if form.validate_on_submit():
        with transaction():
            services.hide(entry, reason=form.reason.data or "", actor=actor, now=now)
        flash("The entry is hidden; its author gets a letter with your reason.", "success")
        return redirect(url_for(".managed", identifier=entry.topic.identifier))
    page = render_template(
        "partners/hide.html", entry=entry, form=form, reports=queries.reports_of([entry.id]).get(entry.id, [])
    )
    return page, 422 if form.has_errors else 200


@bp.route("/manage/programmes/<code>/partners", methods=["GET", "POST"])
def limits(code: str) -> ResponseReturnValue:
    """How much one person may write a day in a programme."""
    actor, programme = guards.staff(Role.MANAGER), calls.programme(code)
    if programme is None:
        raise NotFound
    access.may_manage(actor, programme=programme.code).require()
    form = forms.LimitsForm(obj=queries.limits_of(programme.id))
    if form.validate_on_submit():
        chosen = Limits(form.entries.data or 0, form.letters.data or 0, form.reports.data or 0)
        with transaction():
            services.set_limits(programme, chosen, actor=actor, now=guards.received_at())
        flash("The limits are saved.", "success")
        return redirect(url_for(".limits", code=programme.code))
    page = render_template("partners/limits.html", form=form, programme=programme)
    return page, 422 if form.has_errors else 200
