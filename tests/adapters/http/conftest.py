"""A corner of a running catalog for each test."""

import pytest

from tests.conftest import Server
from tests.syncs import World


@pytest.fixture
def world(shared_server: Server) -> World:
    """An environment of its own on the module's server."""
    return World(shared_server, shared_server.target)
