"""For each route: does some test notice if it answers 200 `{}`? One run of pytest, and only tests that use the route.

First each test of the HTTP surface runs once, to see which routes it calls and that it passes. Then each route is
planted, and tests that call it run again until one fails. Answers are not held against the description meanwhile: the
tests have to notice by themselves. Only calls of a test count, not those of the fixtures before it.
"""

import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from _pytest.runner import runtestprotocol

import tests.conftest
from adapters.http.description import PREFIX, key_of
from adapters.http.routes import ROUTES
from tests.surface.conformity import operation_of

TRIES = 6
Item = Any


class Planting:
    """A plugin of pytest that runs the tests in its own way."""

    def __init__(self, words: list[str]) -> None:
        self._keys = [key_of(route) for route in ROUTES if not words or any(word in key_of(route) for word in words)]
        self._planted: str | None = None
        self._calls: set[str] | None = None
        self.missed: list[str] = []

    def pytest_collection_finish(self) -> None:
        tests.conftest.CHECKS.clear()
        tests.conftest.Server.launcher = "tests.surface.planted"
        send = httpx.Client.send

        def spied(client: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
            key = self._called(request)
            if key is not None and key == self._planted:
                request.headers["X-Planted"] = key
            return send(client, request, **more)

        httpx.Client.send = spied  # type: ignore[method-assign, assignment]

    def _called(self, request: httpx.Request) -> str | None:
        path = operation_of("GET" if request.method == "HEAD" else request.method, request.url.path)
        key = None if path is None else f"{request.method} {path.removeprefix(PREFIX)}"
        if key is not None and self._calls is not None:
            self._calls.add(key)
        return key

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Item) -> Iterator[None]:
        self._calls, self._planted = set(), getattr(item, "planted", None)
        try:
            yield
        finally:
            item.calls, self._calls, self._planted = self._calls, None, None

    def pytest_runtestloop(self, session: Any) -> bool:
        callers = self._callers(session.items)
        caught: dict[str, str] = {}
        for module in dict.fromkeys(item.module for items in callers.values() for item in items):
            for key in [key for key in self._keys if key not in caught]:
                for item in [item for item in callers.get(key, []) if item.module is module][:TRIES]:
                    if self._fails(item, key):
                        caught[key] = item.nodeid
                        break
            session._setupstate.teardown_exact(session)
        for key in self._keys:
            verdict = "caught" if key in caught else "MISSED" if key in callers else "UNUSED"
            print(f"{verdict}  {key:62} {caught.get(key, '')}", flush=True)
        self.missed = [key for key in self._keys if key not in caught]
        print(f"{len(caught)} of {len(self._keys)} routes are noticed when they answer 200 {{}}.")
        return True

    def _callers(self, items: list[Item]) -> dict[str, list[Item]]:
        """The tests that call each route, quick ones first."""
        found: dict[str, list[tuple[float, int, Item]]] = {}
        for number, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True)):
            (report,) = [each for each in _run(item, following) if each.when == "call" or each.failed][:1]
            if report.failed:
                sys.exit(f"{item.nodeid} fails without any fault:\n{report.longreprtext}")
            for key in getattr(item, "calls", ()):
                found.setdefault(key, []).append((report.duration, number, item))
        return {key: [item for *_, item in sorted(callers)] for key, callers in found.items()}

    def _fails(self, item: Item, key: str) -> bool:
        item.planted = key
        # What the module shares stays up for the next test, which is one of the same module.
        reports = _run(item, item.getparent(pytest.Module))
        item.planted = None
        if reports[0].failed:
            sys.exit(f"{item.nodeid} cannot be set up again:\n{reports[0].longreprtext}")
        return any(report.when == "call" and report.failed for report in reports)


def _run(item: Item, following: Item | None) -> list[Any]:
    if hasattr(item, "_initrequest"):
        item._initrequest()
    return runtestprotocol(item, log=False, nextitem=following)


def main(words: list[str]) -> int:
    """Print a table of routes and what noticed; 1 if nothing noticed one. Words pick routes, or files of tests."""
    files = [word for word in words if word.startswith("tests/")]
    planting = Planting([word for word in words if word not in files])
    wanted = [
        *(files or ["tests/adapters/http"]),
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:warnings",
        "-k",
        "not postgresql",
    ]
    code = pytest.main(wanted, plugins=[planting])
    return int(code) or (1 if planting.missed else 0)
