"""Pages about accounts: signing in, registering, the own profile, and people for administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from flask_wtf.csrf import generate_csrf

from grants.accounts import access, forms, queries, services
from grants.accounts.models import Account
from grants.accounts.tokens import Tokens
from grants.db import db, transaction
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid, NotFound
from grants.web import guards, listing

bp = Blueprint("accounts", __name__)


def _tokens() -> Tokens:
    tokens: Tokens = current_app.extensions["tokens"]
    return tokens


def enter(account: Account, token: str) -> None:
    """Make this browser's cookie carry the new session; whatever it carried before is dropped."""
    session.clear()
    login_user(guards.SignedIn(token, Actor(id=account.id, name=account.name, email=account.email)))


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    if request.is_json:
        return _sign_in_in_place()
    form = forms.SignInForm()
    if request.method == "GET":
        form.next.data = guards.local_path(request.args.get("next"))
    if form.validate_on_submit():
        try:
            account, token = _try_sign_in(form.email.data or "", form.password.data or "")
        except Invalid as problem:
            form.show(problem.findings)
        else:
            enter(account, token)
            return redirect(guards.local_path(form.next.data) or url_for("dashboard.home"))
    return render_template("accounts/sign_in.html", form=form), 422 if form.has_errors else 200


def _try_sign_in(email: str, password: str) -> tuple[Account, str]:
    """Failed tries are counted, so they commit too."""
    now = guards.received_at()
    try:
        made = services.sign_in(
            email=email, password=password, now=now, address=request.remote_addr,
            browser=request.user_agent.string,
        )  # fmt: skip
    except Invalid:
        db.session.commit()
        raise
    db.session.commit()
    return made


def _sign_in_in_place() -> ResponseReturnValue:
    """The page's dialog after a session ended: signs in without leaving what was typed."""
    sent: Any = request.get_json(silent=True) or {}
    account, token = _try_sign_in(str(sent.get("email", "")), str(sent.get("password", "")))
    enter(account, token)
    return jsonify(csrf_token=generate_csrf(), name=account.name)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    actor = guards.actor()
    with transaction():
        services.end_session(actor.session_id or 0, actor=actor, now=guards.received_at())
    session.clear()
    flash("You are signed out.", "success")
    return redirect(url_for("dashboard.home"))


@bp.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    form = forms.RegisterForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.register(
                    email=form.email.data or "", name=form.name.data or "", password=form.password.data or "",
                    now=guards.received_at(), tokens=_tokens(), address=request.remote_addr,
                )  # fmt: skip
            return render_template("accounts/look_at_mail.html", email=form.email.data, what="register")
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("accounts/register.html", form=form), 422 if form.has_errors else 200


@bp.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """A click confirms, not the opening: mail scanners open links."""
    if request.method == "GET":
        return render_template("accounts/confirm.html")
    with transaction():
        services.confirm(token, now=guards.received_at(), tokens=_tokens())
    flash("Your e-mail address is confirmed. You can sign in now.", "success")
    return redirect(url_for(".sign_in"))


@bp.route("/forgot-password", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    form = forms.ForgotForm()
    if form.validate_on_submit():
        with transaction():
            services.ask_for_reset(
                email=form.email.data or "", now=guards.received_at(), tokens=_tokens(), address=request.remote_addr
            )
        return render_template("accounts/look_at_mail.html", email=form.email.data, what="reset")
    return render_template("accounts/forgot.html", form=form), 422 if form.has_errors else 200


@bp.route("/reset-password/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    services.account_for_reset(token, tokens=_tokens())
    form = forms.ResetForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.reset_password(token, form.password.data or "", now=guards.received_at(), tokens=_tokens())
            flash("Your password is changed. Sign in with the new one.", "success")
            return redirect(url_for(".sign_in"))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("accounts/reset.html", form=form), 422 if form.has_errors else 200


@bp.route("/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    actor, now = guards.actor(), guards.received_at()
    account = _own(actor)
    form = forms.ProfileForm(obj=account)
    if form.validate_on_submit():
        with transaction():
            services.change_profile(
                account, name=form.name.data or "", timezone=form.timezone.data, actor=actor, now=now
            )
        flash("Your profile is saved.", "success")
        return redirect(url_for(".profile"))
    sessions = queries.sessions_of(account.id)
    page = render_template(
        "accounts/profile.html", account=account, form=form, sessions=sessions, passwords=forms.PasswordForm(),
        roles=queries.roles_of([account.id]).get(account.id, []),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.route("/profile/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    actor = guards.actor()
    form = forms.PasswordForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.change_password(
                    _own(actor), current=form.current.data or "", password=form.password.data or "", actor=actor,
                    now=guards.received_at(),
                )  # fmt: skip
            flash("Your password is changed; all other sessions are signed out.", "success")
            return redirect(url_for(".profile"))
        except Invalid as problem:
            form.show(problem.findings)
    return render_template("accounts/password.html", form=form), 422 if form.has_errors else 200


@bp.post("/profile/sessions/<int:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    actor = guards.actor()
    with transaction():
        services.end_session(session_id, actor=actor, now=guards.received_at())
    flash("That session is signed out.", "success")
    return redirect(url_for(".profile"))


def _own(actor: Actor) -> Account:
    account = queries.account(actor.id or 0)
    if account is None:
        raise NotFound
    return account


@bp.get("/admin/people")
def people() -> ResponseReturnValue:
    actor = guards.actor()
    access.may_administer(actor).require()
    text, role = request.args.get("q", "").strip(), request.args.get("role", "")
    chosen = Role(role) if role in set(Role) else None
    page = listing.page(
        queries.people(text=text, role=chosen), [Account.name, Account.id],
        after=request.args.get("after"), before=request.args.get("before"),
        size=listing.size_of(request.args.get("size")),
    )  # fmt: skip
    roles = queries.roles_of([account.id for account in page.rows])
    return render_template("accounts/people.html", page=page, roles=roles, text=text, role=role, all_roles=list(Role))


@bp.route("/admin/people/<int:account_id>", methods=["GET", "POST"])
def person(account_id: int) -> ResponseReturnValue:
    actor = guards.actor()
    access.may_administer(actor).require()
    account = _person(account_id)
    form = forms.RoleForm()
    form.programme.choices = [("", "None"), *queries.programme_choices()]
    if form.validate_on_submit():
        try:
            with transaction():
                services.grant_role(
                    account, Role(form.role.data), programme=form.programme.data or None, actor=actor,
                    now=guards.received_at(),
                )  # fmt: skip
            flash(f"{account.name} has the role now.", "success")
            return redirect(url_for(".person", account_id=account_id))
        except Invalid as problem:
            form.show(problem.findings)
    page = render_template(
        "accounts/person.html", account=account, form=form, reason=forms.ReasonForm(),
        roles=queries.roles_of([account_id]).get(account_id, []), sessions=queries.sessions_of(account_id),
        may_change=access.may_change_roles_of(actor, account_id),
    )  # fmt: skip
    return page, 422 if form.has_errors else 200


@bp.post("/admin/people/<int:account_id>/roles/<int:grant_id>/revoke")
def revoke(account_id: int, grant_id: int) -> ResponseReturnValue:
    actor = guards.actor()
    access.may_administer(actor).require()
    account = _person(account_id)
    with transaction():
        services.revoke_role(account, grant_id, actor=actor, now=guards.received_at())
    flash("The role is taken back and the person's sessions are ended.", "success")
    return redirect(url_for(".person", account_id=account_id))


@bp.post("/admin/people/<int:account_id>/disable")
def disable(account_id: int) -> ResponseReturnValue:
    actor = guards.actor()
    access.may_administer(actor).require()
    account, form = _person(account_id), forms.ReasonForm()
    if not form.validate_on_submit():
        flash("Say why, for the audit trail.", "error")
        return redirect(url_for(".person", account_id=account_id))
    closing = account.disabled_at is None
    with transaction():
        services.set_disabled(
            account, disabled=closing, actor=actor, now=guards.received_at(), reason=form.reason.data or ""
        )
    flash("The account is closed." if closing else "The account is open again.", "success")
    return redirect(url_for(".person", account_id=account_id))


def _person(account_id: int) -> Account:
    account = queries.account(account_id)
    if account is None:
        raise NotFound
    return account
