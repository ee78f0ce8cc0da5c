"""The ASGI application: from a request to an answer, in the order of refusals that api.md 1.1 fixes."""

import asyncio
import logging
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.auth import Gate
from adapters.clock import SystemClock
from adapters.config import Settings
from adapters.documents import Documents
from adapters.expiry import sweep
from adapters.http import bodies
from adapters.http.as_of import moment
from adapters.http.call import Answer, Call, Caller
from adapters.http.documentation import DOCUMENTATION
from adapters.http.health import HEALTH
from adapters.http.limits import FAILURES, RateLimit, check_head
from adapters.http.preconditions import etag, holds_none_match
from adapters.http.problems import MEDIA_TYPE, problem, unserved
from adapters.http.routes import ROUTES, Route
from adapters.http.service import Service
from adapters.http.traffic import NO_ROUTE
from adapters.key_uses import KeyUses, keep_writing
from adapters.log import open_log
from adapters.log.protocol import StorageFull, Unavailable
from adapters.orphans import end_with_parent
from adapters.reader import open_reader
from adapters.views import prepare
from adapters.webhooks.dispatcher import Dispatcher
from domain.errors import Refused

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_LITERALS = re.compile(r"\{[a-z_]+\}")
log = logging.getLogger("muniment.http")


class Surface:
    """Takes requests apart and answers them. One per process."""

    def __init__(self, service: Service, documents: Documents, gate: Gate, position: int) -> None:
        self.uses = KeyUses()
        self._service = service
        self._documents = documents
        self._gate = gate
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="command")
        # Literal segments come before ids of the same shape.
        ordered = sorted(ROUTES, key=lambda route: len(_LITERALS.findall(route.path)))
        self._routes = [(compile_path(route.path)[0], route) for route in ordered]
        self._exact = {(route.method, route.path): route for route in ROUTES if "{" not in route.path}
        self._failures = RateLimit(FAILURES)
        self._calls = RateLimit(service.settings.rate_limit) if service.settings.rate_limit else None
        # The last log position that this process has seen: for answers that reflect no other.
        self._seen = position
        self.started = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else self._service.clock.seed()
        scope["muniment.request_id"], scope["muniment.position"] = request_id, self._seen
        path, began = scope["path"], time.perf_counter()
        try:
            answer = await self._answered(scope, receive, headers, request_id)
        except Refused as refused:
            answer = self._problem(refused, path, request_id)
        except (Unavailable, StorageFull, OSError) as error:
            # An error of the system may come from anywhere: its trace leads there.
            trace = error if isinstance(error, OSError) else None
            log.warning("unserved %s: %s: %s", request_id, type(error).__name__, error, exc_info=trace)
            answer = self._problem(unserved(error), path, request_id)
        except ClientDisconnect:
            return
        except Exception:
            self._count(scope, 500, began)
            raise
        self._seen = max(self._seen, answer.position or 0)
        if answer.position is None:
            answer = msgspec.structs.replace(answer, position=scope.get("muniment.as_of", self._seen))
        conditional = headers if scope["method"] in ("GET", "HEAD") else None
        status = await _send(send, answer, request_id, conditional)
        self._count(scope, status, began)

    def _count(self, scope: Scope, status: int, began: float) -> None:
        route = scope.get("muniment.route", NO_ROUTE)
        self._service.traffic.count(route, status, time.perf_counter() - began)

    def _problem(self, refused: Refused, path: str, request_id: str) -> Answer:
        status, body = problem(refused, path, request_id, self._service.clock)
        extra = {
            401: ("www-authenticate", "Bearer"),
            405: ("allow", str(refused.details.get("allow", ""))),
            429: ("retry-after", str(refused.details.get("retry_after", ""))),
        }
        if status in (401, 403, 429):
            log.warning("refused %s %s %s", refused.code, request_id, ascii(path))
        added = (extra[status],) if status in extra else ()
        return Answer(status=status, body=body, headers=added, media_type=MEDIA_TYPE)

    async def _answered(self, scope: Scope, receive: Receive, headers: dict[str, str], request_id: str) -> Answer:
        method, path = scope["method"], scope["path"]
        if path in HEALTH or path in DOCUMENTATION:
            scope["muniment.route"] = ("GET", path)
            if method not in ("GET", "HEAD"):
                raise Refused("METHOD_NOT_ALLOWED", "Only GET is answered here.", {"allow": "GET"})
            return DOCUMENTATION[path]() if path in DOCUMENTATION else await HEALTH[path](self._service, self.started)
        check_head(scope["raw_path"] + scope["query_string"], scope["headers"])
        service = self._service
        caller, head = await self._admitted(scope, headers.get("authorization"))
        bodies.check_headers(headers, service.settings.max_body_bytes)
        route, params = self._route(method, path)
        scope["muniment.route"] = (route.method, route.path)
        if route.scope not in caller.scopes:
            raise Refused(
                "INSUFFICIENT_SCOPE", f"This key lacks the scope {route.scope}.", {"required_scope": route.scope}
            )
        query = scope["query_string"].decode("latin-1")
        call = Call(
            method=method,
            path=path,
            params=params,
            query_string=query,
            headers=headers,
            caller=caller,
            request_id=request_id,
            as_of=head,
            pinned=False,
            head=head,
            settings=service.settings,
        )
        return await self._run(route, call, scope, receive)

    async def _admitted(self, scope: Scope, authorization: str | None) -> tuple[Caller, int]:
        """The caller and the log position of now. Only wrong keys count as failures: a right one always passes."""
        service = self._service
        at = service.clock.now()
        try:
            caller, head = await self._gate.admit(service.reader, authorization, at)
        except Refused as refused:
            if refused.code == "INVALID_API_KEY":
                self._failures.count(scope["client"][0] if scope["client"] else "", time.monotonic())
            raise
        self._seen = max(self._seen, head)
        if caller.key_id is not None:
            self.uses.note(caller.key_id, at)
        if self._calls is not None:
            self._calls.count(caller.key_id or "bootstrap", time.monotonic())
        return caller, head

    async def _run(self, route: Route, call: Call, scope: Scope, receive: Receive) -> Answer:
        service = self._service
        if route.takes_as_of:
            call = await moment(service.reader, call, service.clock)
            # What a refused read reflects, too.
            scope["muniment.as_of"] = call.as_of
        if route.read is not None:
            answer = await route.read(service, call)
            return answer if answer.position is not None else msgspec.structs.replace(answer, position=call.as_of)
        if route.document is not None:
            return await route.document(service, self._documents, call, receive)
        body = await bodies.in_memory(receive, dict(call.headers), service.settings.max_body_bytes)
        call = msgspec.structs.replace(call, body=body)
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: self._carried_out(route, call))

    def _carried_out(self, route: Route, call: Call) -> Answer:
        if route.ask is not None:
            return self._service.ask(call, route.ask(call))
        assert route.write is not None
        return self._service.run(call, route.write(call))

    def _route(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        wanted = "GET" if method == "HEAD" else method
        exact = self._exact.get((wanted, path))
        if exact is not None:
            return exact, {}
        allowed = sorted(route.method for (_, place), route in self._exact.items() if place == path)
        for pattern, route in () if allowed else self._routes:
            found = pattern.fullmatch(path)
            if found:
                if route.method == wanted:
                    return route, found.groupdict()
                allowed.append(route.method)
        if allowed:
            raise Refused(
                "METHOD_NOT_ALLOWED", f"{method[:20]} is not answered here.", {"allow": ", ".join(sorted(set(allowed)))}
            )
        raise Refused("NOT_FOUND", "There is no such path: not found.")


async def _send(send: Send, answer: Answer, request_id: str, conditional: dict[str, str] | None) -> int:
    """Send an answer, or that the caller has it. Returns the status."""
    status, body = answer.status, answer.body
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"x-request-id", request_id.encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    cache = b"no-store"
    if answer.revision is not None:
        tag = etag(answer.revision, body)
        headers.append((b"etag", tag.encode()))
        if conditional is not None:
            cache = b"private, no-cache"
            if holds_none_match(conditional.get("if-none-match"), tag):
                status, body = 304, b""
    headers.append((b"cache-control", cache))
    if answer.position is not None:
        headers.append((b"muniment-position", b"%d" % answer.position))
    headers.extend((name.encode(), value.encode()) for name, value in answer.headers)
    if status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if status in (204, 304) else body})
    return status


async def _internal_error(request: Request, error: Exception) -> Response:
    """The answer to a failure that nobody foresaw: the request id, and nothing from inside."""
    request_id = str(request.scope.get("muniment.request_id", ""))
    log.error("failure %s", request_id, exc_info=error)
    refused = Refused("INTERNAL_ERROR", "Something went wrong here; the request id leads to the log.")
    status, body = problem(refused, request.url.path, request_id, SystemClock())
    headers = {
        "x-request-id": request_id,
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "muniment-position": str(request.scope.get("muniment.position", 0)),
    }
    return Response(body, status, headers, MEDIA_TYPE)


def build(settings: Settings) -> ASGIApp:
    """The application on a store that is opened when the server starts and closed when it ends."""
    target: Path | str = settings.database or settings.data / "muniment.db"
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
    store = open_log(target)
    prepare(store)
    reader = open_reader(target)
    documents = Documents(target)
    service = Service(settings, store, reader, SystemClock())
    surface = Surface(service, documents, Gate(settings.bootstrap_key, settings.auth_disabled), store.head())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(sweep(service)), asyncio.create_task(keep_writing(service, surface.uses))]
        dispatcher = Dispatcher(service)
        dispatcher.start()
        yield
        await dispatcher.end()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        documents.close()
        await reader.close()
        store.close()

    app = Starlette(lifespan=lifespan)
    guarded = ServerErrorMiddleware(surface, handler=_internal_error)

    async def entry(scope: Scope, receive: Receive, send: Send) -> None:
        await (guarded if scope["type"] == "http" else app)(scope, receive, send)

    return entry


def create_app() -> ASGIApp:
    """The application with settings from the environment: what uvicorn's workers call."""
    end_with_parent()
    try:
        return build(Settings.from_environment(os.environ))
    except Unavailable as error:
        # A supervisor of several workers starts this one again, so that the service comes up with its database.
        sys.exit(f"muniment: the log cannot be reached: {error}")
