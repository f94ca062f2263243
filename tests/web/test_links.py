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


def test_where_one_request_says_it_is_mounted_reaches_no_other(app):
    ours = app.jinja_env.globals["url_for"]
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/elsewhere"}):
        assert ours("proposals.overview", number=7) == "/elsewhere/proposals/7"
    with app.test_request_context("/"):
        assert ours("proposals.overview", number=7) == "/proposals/7"


@pytest.mark.parametrize("whole", [{"_external": True}, {"_scheme": "https"}])
def test_the_host_that_one_request_asked_for_reaches_no_other(app, whole):
    ours = app.jinja_env.globals["url_for"]
    for host in ("bad.example.org", "good.example.org"):
        with app.test_request_context("/", base_url=f"http://{host}/"):
            assert host in ours("proposals.overview", number=7, **whole)
