"""Names that were in the registry before it knew scripts are found afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from grants.local import database


@pytest.mark.slow
def test_names_that_are_there_become_findable_by_the_migration(new_database):
    url = new_database()
    database.upgrade(url)
    database.downgrade(url, "0004")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisation (pic, legal_name, short_name, country, kind, created_at)"
                " VALUES ('999999999', 'Ελληνική Αστυνομία', 'ΕΛ.ΑΣ.', 'GR', 'PUB', now())"
            )
        )
    database.upgrade(url)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT folded, trigrams, state FROM organisation")).one()
    engine.dispose()
    assert row.folded.startswith("elliniki astynomia el as")
    assert "ell" in row.trigrams
    assert row.state == "declared"
