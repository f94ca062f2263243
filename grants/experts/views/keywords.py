"""Choosing keywords of the tree: an expert's own, and those by which a topic's experts are looked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.db import transaction
from grants.experts import forms, queries, services
from grants.experts.views.background import own_expert
from grants.experts.views.blueprint import bp
from grants.experts.views.pool import topic_of
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, Stale
from grants.kernel.numbers import whole
from grants.organisations.rules import fold
from grants.vocabulary import queries as vocabulary
from grants.vocabulary.rules import Node, holds, paths
from grants.web import guards


@bp.route("/evaluation/keywords", methods=["GET", "POST"])
def keywords() -> ResponseReturnValue:
    """The expert's own."""
    actor, form, conflict = guards.actor(), forms.KeywordsForm(), None
    expert = own_expert(actor)
    chosen = {each.id for each in expert.concepts}
    if request.method == "GET":
        form.version.data = str(expert.concepts_version)
    elif form.validate():
        chosen = _ticked()
        try:
            with transaction():
                services.choose_concepts(expert, chosen, seen=form.seen, actor=actor, now=guards.received_at())
            flash("Your keywords are saved.", "success")
            return redirect(url_for(".keywords"))
        except Invalid as problem:
            form.show(problem.findings)
        except Stale as problem:
            conflict, form.version.data = problem, str(problem.version)
    page = render_template("experts/keywords.html", form=form, conflict=conflict, **_choice(chosen))
    return page, 409 if conflict else 422 if form.has_errors else 200


@bp.route("/manage/topics/<identifier>/keywords", methods=["GET", "POST"])
def topic_keywords(identifier: str) -> ResponseReturnValue:
    """Those of a topic, for its managers."""
    actor, form = guards.staff(Role.MANAGER), forms.EmptyForm()
    topic = topic_of(actor, identifier)
    chosen: Collection[int] = queries.topic_concepts(topic.id).keys()
    if form.validate_on_submit():
        chosen = _ticked()
        try:
            with transaction():
                services.choose_topic_concepts(topic, chosen, actor=actor, now=guards.received_at())
            flash("The keywords of the topic are saved.", "success")
            return redirect(url_for(".pool", identifier=identifier, fits=1))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template("experts/topic_keywords.html", topic=topic, form=form, **_choice(chosen))
    return page, 422 if form.has_errors else 200


def _ticked() -> set[int]:
    return {whole(each) for each in request.form.getlist("concepts")}


def _has(label: str, words: list[str], most: Callable[[Iterable[bool]], bool]) -> bool:
    """Whether all, or any, of the words begin one of the label's."""
    return bool(words) and most(any(each.startswith(word) for each in fold(label).split()) for word in words)


def _choice(chosen: Collection[int]) -> dict[str, Any]:
    """What the list of keywords shows: the tree, or what a search finds beside what is chosen."""
    text, roots = request.args.get("q", "").strip(), vocabulary.whole()
    found: list[tuple[Node, str]] = []
    if text:
        words = fold(text).split()
        found = [
            (node, path) for node, path in paths(roots)
            if _has(path, words, all) and _has(node.label, words, any)
        ]  # fmt: skip
    kept = [(node, path) for node, path in paths(roots) if node.id in chosen]
    return {"roots": roots, "chosen": set(chosen), "text": text, "found": found, "kept": kept, "holds": holds}
