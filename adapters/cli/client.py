"""Talking to a server: where it is, with which key, and what to say when it does not work out."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from adapters.cli.files import Failed, spliced
from adapters.cli.progress import Waiting
from adapters.config import KEY_FILE

DEFAULT_URL = "http://127.0.0.1:8400"
_LOCAL = ("127.0.0.1", "localhost", "::1")
_PIECE = 1 << 20


class Client:
    """A server's API, with the caller's key. `exits` are the exit codes of refusals by status; of others it is 3."""

    def __init__(self, url: str | None, exits: Mapping[int, int] | None = None) -> None:
        self._exits = exits or {}
        self.url = (url or os.environ.get("MUNIMENT_URL") or DEFAULT_URL).rstrip("/")
        try:
            parts = urlsplit(self.url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound:
            raise Failed(f"{self.url} is not the address of a server: expected something like {DEFAULT_URL}")
        self._http = httpx.Client(base_url=self.url, timeout=httpx.Timeout(600, connect=10))

    def health(self) -> dict[str, object]:
        """The server's answer about itself, which needs no key. Raises `Failed`."""
        return self._answer("GET", "/health")

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, object]:
        """A GET's answer. Raises `Failed`."""
        return self._answer("GET", path, params=dict(params or {}), headers=self._authorized())

    def every(self, path: str, params: Mapping[str, str | int], member: str = "results") -> Iterator[dict[str, object]]:
        """All entries of a list, page by page. Raises `Failed`."""
        seen, more = 0, dict[str, str | int]()
        while True:
            page = self.get(path, {**params, "limit": 100, **more})
            found = entries(page, member)
            seen += len(found)
            yield from found
            # A list without cursors goes on by offset.
            following = page.get("next", seen if found and seen < int(str(page["total"])) else None)
            if following is None:
                return
            more = {"cursor": str(following)} if "next" in page else {"offset": seen}

    def post(self, path: str, body: object, params: Mapping[str, str] | None = None) -> dict[str, object]:
        """A POST's answer. Raises `Failed`."""
        return self.send("POST", path, body, params)

    def send(
        self, method: str, path: str, body: object = None, params: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """The answer to a change; `{}` where it has none. Raises `Failed`."""
        content = b"" if body is None else msgspec.json.encode(body)
        return self._answer(method, path, content=content, params=dict(params or {}), headers=self._authorized())

    def upload(self, path: str, documents: Mapping[str, bytes], options: Mapping[str, object]) -> dict[str, object]:
        """Send documents as they lie on the disk, with options beside them. Raises `Failed`."""
        body = spliced(documents, options)
        size = sum(map(len, body))
        headers = {**self._authorized(), "Content-Type": "application/json", "Content-Length": str(size)}
        with Waiting(size) as waiting:

            def pieces() -> Iterator[bytes]:
                for part in body:
                    for start in range(0, len(part), _PIECE):
                        piece = part[start : start + _PIECE]
                        yield piece
                        waiting.sent(len(piece))

            return self._answer("POST", path, content=pieces(), headers=headers)

    def _authorized(self) -> dict[str, str]:
        key = _key(self.url)
        if not key.isascii() or not key.isprintable():
            raise Failed("the key holds characters that no key has: check MUNIMENT_KEY")
        return {"Authorization": f"Bearer {key}"}

    def _answer(self, method: str, path: str, **request: object) -> dict[str, object]:
        try:
            answer = self._http.request(method, path, **request)  # type: ignore[arg-type]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Failed(f"{self.url} does not answer ({type(error).__name__}). Is `muniment serve` running?") from None
        if answer.status_code == 204:
            return {}
        try:
            body = msgspec.json.decode(answer.content, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Failed(f"{self.url} gave an answer that is not Muniment's (status {answer.status_code}).") from None
        if answer.status_code >= 400:
            raise Failed(_problem(body, answer.status_code), self._exits.get(answer.status_code, 3))
        return body

    def team_id(self, reference: str) -> str:
        """The id of the team of this name or id. Raises `Failed`."""
        for team in self.every("/api/v1/teams", {"name": reference}):
            if reference == team["name"]:
                return str(team["id"])
        if len(reference) == 36:
            return reference
        raise Failed(f"there is no team {reference!r}; create it with `muniment teams create {reference!r}`")

    def asset(self, fqn: str, environment: str) -> dict[str, object]:
        """The asset of this name, a deleted one too. Raises `Failed`."""
        wanted = {"fqn_exact": fqn, "environment": environment, "include_deleted": "true"}
        found = list(self.every("/api/v1/assets", wanted))
        if not found:
            raise Failed(f"there is no asset {fqn!r} in environment {environment!r}{self._likely(fqn, environment)}")
        return next((asset for asset in found if asset["deleted_at"] is None), found[-1])

    def _likely(self, fqn: str, environment: str) -> str:
        last = fqn.rpartition(".")[2]
        near = self.get("/api/v1/assets", {"fqn": last, "environment": environment, "limit": 3}) if last else {}
        names = [str(asset["fqn"]) for asset in entries(near, "results")]
        return "; did you mean " + " or ".join(names) + "?" if names else ""


def entries(answer: Mapping[str, object], name: str) -> list[dict[str, object]]:
    """A list member of an answer."""
    found = answer.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def part(answer: Mapping[str, object], name: str) -> dict[str, object]:
    """An object member of an answer. Raises `Failed`."""
    found = answer.get(name)
    if not isinstance(found, dict):
        raise Failed(f"the server's answer has no {name}")
    return found


def _problem(body: Mapping[str, object], status: int) -> str:
    text = f"{body.get('detail')} ({body.get('code')}, status {status}, request {body.get('request_id')})"
    details = body.get("details")
    if isinstance(details, dict):
        for name in ("errors", "conflicts", "assets"):
            lines = [_told(line) for line in details.get(name) or []]
            text += "".join(f"\n  {line}" for line in lines if line not in text)
    if body.get("code") in ("MISSING_API_KEY", "INVALID_API_KEY"):
        text += "\n  Set MUNIMENT_KEY to a key of this server."
    return text


def _told(line: object) -> str:
    if isinstance(line, dict) and "message" in line:
        return f"{line.get('field')}: {line['message']}"
    return line if isinstance(line, str) else msgspec.json.encode(line).decode()


def _key(url: str) -> str:
    stated = os.environ.get("MUNIMENT_KEY")
    if stated:
        return stated.strip()
    file = Path(os.environ.get("MUNIMENT_DATA") or ".muniment").expanduser() / KEY_FILE
    if urlsplit(url).hostname not in _LOCAL:
        raise Failed("no key: set MUNIMENT_KEY")
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        raise Failed(f"no key: set MUNIMENT_KEY (there is no {file} either)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"no key: {file} cannot be read ({error}); set MUNIMENT_KEY") from None
