"""`muniment` with a planted fault: a request that names its own route in `X-Planted` is answered 200 `{}`."""

from typing import Any

from adapters import launch
from adapters.http.app import Surface
from adapters.http.call import Answer, Call
from adapters.http.description import key_of
from adapters.http.routes import Route

_run = Surface._run


async def _planted(self: Surface, route: Route, call: Call, *more: Any) -> Answer:
    if call.headers.get("x-planted") == key_of(route):
        return Answer(body=b"{}")
    return await _run(self, route, call, *more)


if __name__ == "__main__":
    Surface._run = _planted  # type: ignore[method-assign, assignment]
    launch.main()
