"""The design's page against the routes: no operation of a CORE section is missing."""

import pytest

from tests.surface.__main__ import holes, there
from tests.surface.page import PAGE, named

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason=f"there is no {PAGE}")
# What the page does not name, and why it is there.
BEYOND = {
    "GET /openapi.json": "the API's own description (1.2 names it in a sentence)",
    "GET /docs": "the same as a page",
    "GET /teams/{}/inbox": "what awaits a team, in one call, which the page does not name",
}


def test_the_page_is_read_whole() -> None:
    found = {each.key: each for each in named()}
    assert len(found) >= 100
    core = {
        "PUT /teams/{}",
        "POST /assets/{}/publish",
        "POST /contracts/bulk",
        "GET /readyz",
        "POST /sync/graphql/diff",
    }
    assert {key for key in core if found[key].core} == core
    extended = {"GET /metrics", "POST /contracts/{}/retire", "POST /webhooks/deliveries/{}/redeliver", "GET /syncs/{}"}
    assert {key for key in extended if not found[key].core} == extended


def test_every_core_operation_is_there() -> None:
    assert [each.key for each in holes() if each.core] == []


def test_nothing_is_beyond_the_page_without_a_reason() -> None:
    assert there() - {each.key for each in named()} == set(BEYOND)
