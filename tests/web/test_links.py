"""Addresses in templates: remembered, and the same as Flask's own."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("proposals.overview", {"number": 101}),
        ("proposals.overview", {"number": 102}),
        ("calls.public_list", {"status": "open"}),
        ("calls.public_list", {"status": "a b&c"}),
        ("calls.public_list", {"status": None}),
        ("calls.public_list", {"page": True}),
        (".overview", {"number": 103}),
        ("calls.public_list", {"_external": True}),
        ("calls.public_list", {"_anchor": "results"}),
    ],
)
def test_a_template_gets_flask_s_address_each_time(app, endpoint, values):
    ours = app.jinja_env.globals["url_for"]
    with app.test_request_context("/proposals/7"):
        expected = app.url_for(endpoint, **values)
        assert [ours(endpoint, **values), ours(endpoint, **values)] == [expected, expected]


def test_equal_values_that_print_differently_have_addresses_of_their_own(app):
    ours = app.jinja_env.globals["url_for"]
    with app.test_request_context("/"):
        assert ours("calls.public_list", page=1).endswith("page=1")
        assert ours("calls.public_list", page=True).endswith("page=True")
        assert ours("calls.public_list", page=1.0).endswith("page=1.0")
