"""Records the description's examples: `python -m tests.surface.examples` tells the story to a real server."""

import tempfile
from pathlib import Path
from typing import Any

import httpx
import msgspec

from adapters.http.description import PREFIX
from tests.conftest import ROOT, Server
from tests.surface.conformity import operation_of
from tests.surface.story import tell

FILE = ROOT / "adapters" / "http" / "description" / "examples.json"


class Recorder:
    """Keeps the first answer of each operation that worked, with what was sent."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def __call__(self, response: httpx.Response) -> None:
        request = response.request
        path = operation_of(request.method, request.url.path)
        if path is None or not response.is_success:
            return
        response.read()
        example: dict[str, Any] = {"request": msgspec.json.decode(request.content)} if request.content else {}
        if response.content:
            is_json = response.headers["content-type"] == "application/json"
            answer = response.json() if is_json else response.text
            example |= {"status": response.status_code, "answer": answer}
        self.found.setdefault(f"{request.method} {path.removeprefix(PREFIX)}", example)


def recorded(server: Server) -> dict[str, dict[str, Any]]:
    """The examples that the story gives on this server, by operation."""
    recorder = Recorder()
    with server.client() as api:
        api.event_hooks["response"].append(recorder)
        tell(api)
    return recorder.found


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="muniment-examples-") as folder:
        server = Server(Path(folder) / "muniment.db", Path(folder))
        try:
            found = recorded(server)
        finally:
            server.stop()
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(found.items()))), indent=1) + b"\n")
    print(f"{len(found)} examples are in {FILE.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
