"""The bare platform: an indexed query with 50 rows in Jinja, a versioned UPDATE with an audit row. No sign-in."""

from __future__ import annotations

from flask import Flask, request
from sqlalchemy import BigInteger, Engine, Integer, String, Text, create_engine, func, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

_PAGE = """<!doctype html><title>Rows</title><table>{% for row in rows %}<tr><td>{{ row.id }}</td>
<td>{{ row.acronym }}</td><td>{{ row.title }}</td><td>{{ row.country }}</td><td>{{ row.state }}</td>
<td>{{ row.amount }}</td><td>{{ row.version }}</td><td>{{ row.call }}</td></tr>{% endfor %}</table>"""


class _Base(DeclarativeBase):
    pass


class Row(_Base):
    """What the list shows and the save changes."""

    __tablename__ = "bench_row"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    call: Mapped[int] = mapped_column(Integer, index=True)
    acronym: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)


class Audit(_Base):
    """One row for each save."""

    __tablename__ = "bench_audit"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    content: Mapped[str] = mapped_column(Text)


def bare(database_url: str, rows: int = 30_000) -> Flask:
    """The application, with its tables filled."""
    engine = create_engine(database_url)
    fill(engine, rows)
    return connected(database_url, engine)


def fill(engine: Engine, rows: int) -> None:
    """The tables."""
    _Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.bulk_insert_mappings(
            Row,  # type: ignore[arg-type]
            [
                {"id": n, "call": n % 2, "acronym": f"ACR{n}", "title": f"Proposal number {n}", "country": "BE",
                 "state": "submitted", "amount": 125_000, "version": 1, "content": "Words of an abstract. " * 60}
                for n in range(1, rows + 1)
            ],
        )  # fmt: skip
        session.execute(text("ANALYZE"))  # as the program's own tables are, so that the index is used
        session.commit()


def connected(database_url: str, engine: Engine | None = None) -> Flask:
    """The application on tables that are filled: what a server starts."""
    engine = engine or create_engine(database_url)
    app = Flask(__name__)
    template = app.jinja_env.from_string(_PAGE)

    @app.get("/list")
    def page() -> str:
        with Session(engine) as session:
            statement = select(Row).where(Row.call == 1, Row.id > 100).order_by(Row.id).limit(50)
            return template.render(rows=session.scalars(statement).all())

    @app.post("/save")
    def save() -> str:
        with Session(engine) as session:
            row = session.scalars(select(Row).where(Row.id == int(request.form.get("row", 7)))).one()
            statement = update(Row).where(Row.id == row.id, Row.version == row.version)
            session.execute(statement.values(content=request.form["content"], version=Row.version + 1))
            session.add(Audit(content=f"saved at {func.now()}"))
            session.commit()
            return str(row.version)

    app.extensions["engine"] = engine
    return app
