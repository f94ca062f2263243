"""``grants …``: each command calls one service. Errors are one line on stderr; see ``--help`` of each."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from cryptography.x509 import Certificate
from sqlalchemy.exc import SQLAlchemyError

from grants import demo, doctor
from grants.accounts import services as accounts
from grants.app import Options, create_app
from grants.audit import queries as audit
from grants.calls import importing, templates
from grants.calls.templates import checking
from grants.calls.templates.reading import Unreadable
from grants.db import DatabaseClock, db, transaction
from grants.experts import services as experts
from grants.kernel.actor import SYSTEM, Role
from grants.kernel.errors import DomainError, Invalid
from grants.local import database, mailcatcher, run
from grants.queue import conninfo
from grants.ranking import verifying
from grants.settings import Settings, SettingsError, load
from grants.signing import keys, statements
from grants.vocabulary import services as vocabulary
from grants.web import logs
from scheduler import timetable


class Failed(click.ClickException):
    """One line on stderr, exit status 1."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """Without click's own prefix."""
        click.echo(f"grants: {self.format_message()}", err=True)


def _settings() -> Settings:
    try:
        return load(os.environ)
    except SettingsError as problem:
        for line in problem.lines:
            click.echo(f"grants: {line}", err=True)
        sys.exit(2)


@contextlib.contextmanager
def _application(*, pool: bool = False, quiet: bool = True) -> Iterator[tuple[Any, Settings]]:
    """The application on a migrated or unmigrated database, inside its context."""
    settings = _settings()
    if quiet:
        logs.configure("ERROR")
    with database.embedded(settings) as resolved:
        app = create_app(resolved, Options(pool=pool))
        with app.app_context():
            try:
                yield app, resolved
            except DomainError as problem:
                raise Failed(problem.message) from problem
            except SQLAlchemyError as problem:
                line = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
                raise Failed(f"database: {line}. Try: grants doctor") from problem
            finally:
                db.session.remove()
                db.engine.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="grants")
def main() -> None:
    """Grants: calls for proposals from publication to final payment.

    Settings come from the environment (see README.md). Without DATABASE_URL the embedded PostgreSQL under
    DATA_DIR is used and started where it is down.
    """


@main.command("run")
@click.option("--demo/--no-demo", "with_demo", default=True, help="Load the demo into an empty database, once.")
def run_all(*, with_demo: bool) -> None:
    """Start everything on this machine: database, web server, worker, scheduler, mail catcher.

    Example: PORT=8080 grants run
    """
    os.environ.setdefault("DEMO", "1" if with_demo else "0")
    settings = _settings()
    logs.configure("WARNING")
    sys.exit(run.run(settings, prepare=_prepare, welcome=_welcome))


def _prepare(settings: Settings) -> None:
    """The demo goes into a database that has no accounts at all."""
    if not settings.demo:
        return
    app = create_app(settings, Options(pool=False))
    with app.app_context():
        app.extensions["store"].prepare()
        if demo.wanted():
            click.echo("Loading the demo, once …")
            demo.load(store=app.extensions["store"], now=DatabaseClock().now())
        db.session.remove()
        db.engine.dispose()


def _welcome(settings: Settings) -> None:
    lines = [f"\n  Grants runs at {settings.base_url}"]
    if settings.demo:
        lines += ["  Sign-ins of the demo (or one click on the first page):"]
        lines += [f"    {person.email:<42} {person.does}" for person in demo.SIGN_INS]
        lines += [f"    password of all: {demo.PASSWORD}"]
    lines += [f"  Captured e-mail: http://127.0.0.1:{settings.mail_port}/", "  Ctrl-C stops everything.\n"]
    click.echo("\n".join(lines))


@main.command()
def serve() -> None:
    """Run the web server (gunicorn).

    Example: WEB_WORKERS=4 grants serve
    """
    settings = _settings()
    with database.embedded(settings) as resolved:
        os.environ["DATABASE_URL"] = conninfo(resolved)
        if settings.embedded_database:
            import subprocess  # noqa: PLC0415 only where the embedded server must outlive the child

            sys.exit(subprocess.call(run.web_server(settings)))  # noqa: S603
        os.execv(sys.executable, run.web_server(settings))  # noqa: S606


@main.command("worker")
@click.option("--concurrency", default=2, show_default=True, help="Tasks at the same time.")
def work(concurrency: int) -> None:
    """Run queued tasks and deliver letters; any number may run.

    Example: grants worker --concurrency 4
    """
    from grants import worker  # noqa: PLC0415 signing and comparing take 85 MB and two seconds: for this command only

    with _application(pool=True, quiet=False) as (app, settings):
        logs.configure(settings.log_level)
        worker.run(app, settings, concurrency=concurrency)


@main.command("scheduler")
def schedule() -> None:
    """Find what is due and put it into the outbox; any number may run, one ticks.

    Example: grants scheduler
    """
    with _application(pool=True, quiet=False) as (app, settings):
        logs.configure(settings.log_level)
        timetable.run(app, conninfo(settings))


@main.command("mailcatcher", hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
def catch_mail(folder: Path) -> None:
    """Keep every letter in FOLDER and show them on a page."""
    settings = _settings()
    mailcatcher.serve(folder, smtp_port=settings.mail_port + 1, page_port=settings.mail_port)


@main.group("db")
def db_group() -> None:
    """The database's schema."""


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest migration. Repeating is harmless.

    Example: DATABASE_URL=postgresql://… grants db upgrade
    """
    settings = _settings()
    logs.configure("ERROR")
    try:
        with database.embedded(settings) as resolved:
            database.upgrade(resolved.database_url)
    except SQLAlchemyError as problem:
        raise Failed(f"database: {str(getattr(problem, 'orig', problem)).strip().splitlines()[0]}") from problem
    click.echo("The database is at the newest migration.")


@main.group("demo")
def demo_group() -> None:
    """The demonstration."""


@demo_group.command("load")
@click.option("--json", "as_json", is_flag=True, help="Print counts as JSON.")
@click.option("--seed", default=demo.SEED, show_default=True, help="The same seed gives the same demo.")
def demo_load(*, as_json: bool, seed: int) -> None:
    """Load the demo into an empty database; refused where real accounts are.

    Example: DEMO=1 grants demo load
    """
    with _application() as (app, _resolved):
        app.extensions["store"].prepare()
        counts = demo.load(store=app.extensions["store"], now=DatabaseClock().now(), seed=seed)
        click.echo(json.dumps(counts) if as_json else _words(counts))


@main.group("import")
def import_group() -> None:
    """Data from elsewhere."""


@import_group.command("topics")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Last line: counts as JSON.")
def import_topics(file: Path, *, as_json: bool) -> None:
    """Import topics of the Funding & Tenders Portal from FILE (JSON lines, .gz or not).

    Repeating changes nothing; each refused record is listed with its reason.

    Example: grants import topics topics.jsonl.gz --json
    """
    with _application():
        counts = importing.import_topics(
            file, actor=SYSTEM, now=DatabaseClock().now(),
            refused=lambda refusal: click.echo(f"refused: {refusal}", err=True),
            progress=lambda read: click.echo(f"{read} records read", err=True) if sys.stderr.isatty() else None,
        )  # fmt: skip
        click.echo(json.dumps(counts) if as_json else _words(counts))


@import_group.command("keywords")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Last line: counts as JSON.")
def import_keywords(file: Path | None, *, as_json: bool) -> None:
    """Import a tree of keywords from FILE: CSV with id, label, broader, or JSON objects with the same names.

    Without FILE the small tree that comes with this software. All lines are taken over or, where any is wrong, none;
    each wrong one is listed. Repeating changes nothing.

    Example: grants import keywords euroscivoc.csv --json
    """
    with _application(), transaction():
        _taken_over(lambda: experts.import_keywords(
            file.read_text(encoding="utf-8") if file else vocabulary.own_file(),
            as_json=file is not None and file.suffix == ".json", actor=SYSTEM, now=DatabaseClock().now(),
        ), as_json=as_json)  # fmt: skip


@import_group.command("experts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Last line: counts as JSON.")
def import_experts(file: Path, *, as_json: bool) -> None:
    """Import experts from FILE (CSV or XLSX), whose first row names the columns; only E-mail must be there.

    All rows are taken over or, where any cell is wrong, none; each wrong one is listed. New experts get an account
    without a password and a letter. Repeating changes nothing.

    Example: grants import experts experts.xlsx --json
    """
    from grants.experts import workbook  # noqa: PLC0415 21 MB that no other command needs

    with _application(), transaction():
        _taken_over(lambda: experts.import_experts(
            workbook.read(file.read_bytes(), as_csv=file.suffix.lower() == ".csv"), now=DatabaseClock().now(),
            actor=replace(SYSTEM, roles=frozenset({Role.ADMINISTRATOR})),
        ), as_json=as_json)  # fmt: skip


def _taken_over(act: Callable[[], dict[str, int]], *, as_json: bool) -> None:
    """The counts of an import that takes everything or nothing; each wrong line on stderr, then status 1."""
    try:
        counts = act()
    except Invalid as problem:
        for each in problem.findings:
            click.echo(f"refused: {each.message}", err=True)
        if as_json:
            click.echo(json.dumps({"refused": len(problem.findings)}))
        raise Failed("Nothing was imported.") from problem
    click.echo(json.dumps(counts) if as_json else _words(counts))


@main.group("templates")
def templates_group() -> None:
    """Call templates of types of action."""


@templates_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
def templates_list(*, as_json: bool) -> None:
    """List the call templates of this installation.

    Example: grants templates list --json
    """
    templates.also_from(_settings().templates_dir)
    catalogue = templates.catalogue()
    names = ("key", "programme", "type_of_action", "title")
    try:
        rows = [{name: catalogue.template(key)[name] for name in names} for key in catalogue.by_title()]
    except Unreadable as problem:
        raise Failed(f"templates: {problem.message}. Try: grants templates check FILE") from problem
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['key']:<18} {row['programme']:<10} {row['title']}")


@templates_group.command("check")
@click.argument("file", type=click.Path(path_type=Path), nargs=-1, required=True)
def templates_check(file: tuple[Path, ...]) -> None:
    """Name every mistake of a template FILE by its line and place; exit status 1 where there is one.

    Example: grants templates check our-call.yaml
    """
    templates.also_from(_settings().templates_dir)
    wrong = 0
    for each in file:
        mistakes = checking.check_file(each)
        for mistake in mistakes:
            click.echo(f"{each}: {mistake}", err=True)
        if not mistakes:
            click.echo(f"{each} is right.")
        wrong += bool(mistakes)
    if wrong:
        sys.exit(1)


@main.group("users")
def users_group() -> None:
    """People."""


@users_group.command("create")
@click.argument("email")
@click.option("--name", required=True, help="Full name.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="A role to grant.")
@click.option("--programme", help="Programme code, for a manager.")
@click.password_option(envvar="GRANTS_PASSWORD", help="Asked for when not given; or set GRANTS_PASSWORD.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def users_create(
    email: str, *, name: str, role: str | None, programme: str | None, password: str, as_json: bool
) -> None:
    """Create a confirmed account, for example the first administrator.

    Example: grants users create eva@example.org --name "Eva Kovács" --role administrator
    """
    with _application():
        now = DatabaseClock().now()
        with transaction():
            account = accounts.create(
                email=email, name=name, password=password, now=now, confirmed=True, actor=SYSTEM
            )
            if role:
                accounts.add_role(account, Role(role), programme=programme, actor=SYSTEM, now=now)
        made = {"id": account.id, "email": account.email, "role": role, "programme": programme}
        click.echo(json.dumps(made) if as_json else f"Created {account.email}.")


@main.group("audit")
def audit_group() -> None:
    """The audit trail."""


@audit_group.command("verify")
@click.option("--head", "known", help="NUMBER:HASH kept from an earlier check; must still be in the chain.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def audit_verify(*, known: str | None, as_json: bool) -> None:
    """Check the whole chain; exit status 1 where it is broken.

    Example: grants audit verify --head 4711:9f86d081…
    """
    with _application():
        broken = [f"event {place.number} {place.what}" for place in audit.verify()]
        broken += audit.missing_head(known) if known else []
        number, digest = audit.head()
        if as_json:
            click.echo(json.dumps({"events": number, "head": f"{number}:{digest}", "broken": broken}))
        else:
            for line in broken:
                click.echo(line, err=True)
            click.echo(f"{number} events, head {number}:{digest}: " + ("broken" if broken else "whole"))
        sys.exit(1 if broken else 0)


@main.group("ranking")
def ranking_group() -> None:
    """Decided ranked lists."""


@ranking_group.command("verify")
@click.argument("identifier")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def ranking_verify(identifier: str, *, as_json: bool) -> None:
    """Prove the decided lists of a call or topic: compute each again from the inputs that were decided on.

    Exit status 0: every list is proven. 1: something differs. 2: nothing is decided under this identifier.

    Example: grants ranking verify ISF-2026-TF2-AG-PROTECT
    """
    with _application():
        proofs = verifying.verify(identifier)
        if as_json:
            click.echo(json.dumps([each.as_json() for each in proofs]))
        for each in proofs if not as_json else ():
            signed = "signed" if each.signed else "not signed yet"
            click.echo(
                f"{each.list}: {each.proposals} proposals, {signed}: {'proven' if each.proven else 'NOT proven'}"
            )
            for line in each.says:
                click.echo(f"    {line}", err=True)
        if not proofs:
            click.echo(f"grants: nothing is decided under {identifier}", err=True)
        sys.exit(2 if not proofs else 0 if all(each.proven for each in proofs) else 1)


@main.group("receipt")
def receipt_group() -> None:
    """Receipts of submitted proposals."""


@receipt_group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The funder's certificates (PEM, from the page /verify); else this installation's own.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def receipt_verify(file: Path, *, certificate: Path | None, as_json: bool) -> None:
    """Check the signed receipt FILE (PDF or JSON), offline: no database and no network.

    Exit status 0: genuine. 1: changed, or not signed by the funder's key. 2: no receipt that can be read.

    Example: grants receipt verify receipt-101000001-1.pdf --certificate funder.pem
    """
    from grants.signing import checking  # noqa: PLC0415 as for the worker: pyHanko

    logs.configure("CRITICAL")
    try:
        judged = checking.judge_file(file, _certificates(certificate))
    except (statements.Unreadable, keys.KeyProblem, OSError) as problem:
        click.echo(f"grants: {problem}", err=True)
        if as_json:
            click.echo(json.dumps({"genuine": False, "says": str(problem)}))
        sys.exit(2)
    click.echo(json.dumps(judged.as_json()) if as_json else "\n".join(judged.lines()))
    sys.exit(0 if judged.genuine else 1)


def _certificates(file: Path | None) -> list[Certificate]:
    """Those of the file; else this installation's, where it has one."""
    if file is not None:
        return keys.certificates(file.read_bytes())
    os.environ.setdefault("SECRET_KEY", "-" * 32)  # an auditor's machine needs none, and none is left on it
    own = keys.known_key(_settings())
    return [own.certificate] if own else []


@main.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def run_doctor(*, as_json: bool) -> None:
    """Check database, migrations, store, mail and clock, each with a remedy.

    Example: grants doctor --json
    """
    settings = _settings()
    logs.configure("CRITICAL")
    try:
        with database.embedded(settings) as resolved:
            findings = doctor.examine(resolved)
    except OSError as problem:
        raise Failed(f"the embedded database does not start: {problem}") from problem
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings]))
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.part:<11} {finding.says}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


if __name__ == "__main__":
    main()
