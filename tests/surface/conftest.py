"""One server on SQLite for the tests of the surface."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Server


@pytest.fixture(scope="module")
def api(shared_server: Server) -> Iterator[httpx.Client]:
    with shared_server.client() as client:
        yield client
