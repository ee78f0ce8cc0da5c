"""Servers for the tests of the HTTP surface. Most tests share three of them, and use names of their own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import STORES, Server
from tests.syncs import World


def target_of(request: pytest.FixtureRequest, folder: Path) -> Path | str:
    """Where a fresh log may be, for a fixture whose parameter names the store."""
    target: str = request.getfixturevalue("fresh_database")() if request.param == "postgresql" else ""
    return target or folder / "muniment.db"


@pytest.fixture(scope="session")
def common_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    running = Server(folder / "muniment.db", folder)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def api(common_server: Server) -> Iterator[httpx.Client]:
    """A client with the bootstrap key on one server on SQLite."""
    with common_server.client() as client:
        yield client


@pytest.fixture(scope="session", params=STORES)
def each_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client with the bootstrap key on one server, on SQLite and then on PostgreSQL."""
    folder = tmp_path_factory.mktemp("server")
    running = Server(target_of(request, folder), folder)
    with running.client() as client:
        yield client
    running.stop()


@pytest.fixture(scope="module", params=STORES)
def own_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """As `each_store`, for a module that counts what there is."""
    folder = tmp_path_factory.mktemp("server")
    running = Server(target_of(request, folder), folder)
    with running.client() as client:
        yield client
    running.stop()


@pytest.fixture
def world(shared_server: Server) -> World:
    """An environment of its own on the module's server."""
    return World(shared_server, shared_server.target)
