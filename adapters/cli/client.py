"""Talking to a server: where it is, with which key, and what to say when it does not work out."""

import gzip
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn, TotalFileSizeColumn

from adapters.config import KEY_FILE

DEFAULT_URL = "http://127.0.0.1:8400"
_LOCAL = ("127.0.0.1", "localhost", "::1")
_PIECE = 1 << 20


class Failed(Exception):
    """A command that could not be carried out; the message says why and what to do."""


class Client:
    """A server's API, with the caller's key."""

    def __init__(self, url: str | None) -> None:
        self._url = (url or os.environ.get("MUNIMENT_URL") or DEFAULT_URL).rstrip("/")
        headers = {"Authorization": f"Bearer {_key(self._url)}"}
        self._http = httpx.Client(base_url=self._url, headers=headers, timeout=httpx.Timeout(600, connect=10))

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, object]:
        """A GET's answer. Raises `Failed`."""
        return self._answer("GET", path, params=dict(params or {}))

    def post(self, path: str, body: object) -> dict[str, object]:
        """A POST's answer. Raises `Failed`."""
        return self._answer("POST", path, content=msgspec.json.encode(body))

    def upload(self, path: str, documents: Mapping[str, str], options: Mapping[str, object]) -> dict[str, object]:
        """Send documents as they lie on the disk, with options beside them. Raises `Failed`."""
        body = _spliced({name: _file(file) for name, file in documents.items()}, options)
        console = Console(stderr=True)
        with Progress(
            TextColumn("{task.description}"),
            TotalFileSizeColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as progress:
            task = progress.add_task("sending", total=sum(map(len, body)), visible=sys.stderr.isatty())

            def pieces() -> Iterator[bytes]:
                for part in body:
                    for start in range(0, len(part), _PIECE):
                        piece = part[start : start + _PIECE]
                        yield piece
                        progress.advance(task, len(piece))
                progress.update(task, description="waiting for the answer")

            headers = {"Content-Type": "application/json", "Content-Length": str(sum(map(len, body)))}
            return self._answer("POST", path, content=pieces(), headers=headers)

    def _answer(self, method: str, path: str, **request: object) -> dict[str, object]:
        try:
            answer = self._http.request(method, path, **request)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise Failed(
                f"{self._url} does not answer ({type(error).__name__}). Is `muniment serve` running?"
            ) from None
        try:
            body = msgspec.json.decode(answer.content, type=dict[str, object])
        except msgspec.DecodeError:
            raise Failed(f"{self._url} gave an answer that is not Muniment's (status {answer.status_code}).") from None
        if answer.status_code >= 400:
            raise Failed(_problem(body))
        return body

    def team_id(self, reference: str) -> str:
        """The id of the team of this name or id. Raises `Failed`."""
        for team in entries(self.get("/api/v1/teams", {"name": reference, "limit": 100}), "results"):
            if reference == team["name"]:
                return str(team["id"])
        if len(reference) == 36:
            return reference
        raise Failed(f"there is no team {reference!r}; create it with `muniment team {reference!r}`")

    def asset(self, fqn: str, environment: str) -> dict[str, object]:
        """The asset of this name, a deleted one too. Raises `Failed`."""
        wanted = {"fqn_exact": fqn, "environment": environment, "include_deleted": "true"}
        found = entries(self.get("/api/v1/assets", wanted), "results")
        if not found:
            raise Failed(f"there is no asset {fqn!r} in environment {environment!r}")
        return next((asset for asset in found if asset["deleted_at"] is None), found[-1])


def entries(answer: Mapping[str, object], name: str) -> list[dict[str, object]]:
    """A list member of an answer."""
    found = answer.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _problem(body: Mapping[str, object]) -> str:
    text = f"{body.get('detail')} ({body.get('code')}, request {body.get('request_id')})"
    details = body.get("details")
    if isinstance(details, dict):
        for name in ("errors", "conflicts", "assets"):
            for line in details.get(name, []):
                text += f"\n  {line if isinstance(line, str) else msgspec.json.encode(line).decode()}"
    return text


def _key(url: str) -> str:
    stated = os.environ.get("MUNIMENT_KEY")
    if stated:
        return stated
    file = Path(os.environ.get("MUNIMENT_DATA") or ".muniment") / KEY_FILE
    if urlsplit(url).hostname in _LOCAL and file.exists():
        return file.read_text().strip()
    raise Failed(f"no key: set MUNIMENT_KEY (the server's bootstrap key lies in {KEY_FILE} of its data directory)")


def _file(path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
        return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).removeprefix(b"\xef\xbb\xbf")
    except (OSError, EOFError) as error:
        raise Failed(f"{path} cannot be read: {error}") from None


def _spliced(documents: Mapping[str, bytes], options: Mapping[str, object]) -> list[bytes]:
    """The parts of a JSON object. Documents go in unread, so that the server tells what is wrong with them."""
    parts = [b"{"]
    for name, text in documents.items():
        parts += [b'"%s":' % name.encode(), text, b","]
    rest = msgspec.json.encode(dict(options))
    if len(rest) > 2:
        return [*parts, rest[1:]]
    return [*parts[:-1], b"}"]
