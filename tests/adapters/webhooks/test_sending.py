"""One attempt, against real receivers: pinned, signed, bounded (reliability.md, security 15 and 16)."""

import asyncio
import base64
import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from trustme import CA

from adapters.webhooks.sending import Attempt, Message, Resolver, Sender, signature
from tests.adapters.webhooks.receiver import receiving


class Answers:
    """A name server that answers one thing after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        return self._answers.pop(0)


def sent(url: str, *answers: list[str], loopback: bool = True, times: int = 1) -> list[Attempt]:
    async def run() -> list[Attempt]:
        sender = Sender(Answers(*answers), loopback=loopback)
        message = Message(id="m1", url=url, body=b'{"a":1}', secret="canary")
        try:
            return [await sender.send(message, 1_700_000_000) for _ in range(times)]
        finally:
            await sender.close()

    return asyncio.run(run())


def test_a_message_is_signed_and_names_its_host() -> None:
    with receiving() as receiver:
        (attempt,) = sent(f"http://localhost:{receiver.port}/a?b=c", ["127.0.0.1"])
    assert attempt == Attempt(status_code=200)
    (got,) = receiver.got
    assert got.body == b'{"a":1}' and got.headers["host"] == f"localhost:{receiver.port}"
    mac = hmac.new(b"canary", b'm1.1700000000.{"a":1}', hashlib.sha256).digest()
    assert got.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert (got.headers["webhook-id"], got.headers["webhook-timestamp"]) == ("m1", "1700000000")
    assert signature("canary", "m1", 1_700_000_001, b'{"a":1}') != got.headers["webhook-signature"]


def test_a_name_that_turns_to_a_private_address_is_refused_though_it_was_public() -> None:
    with receiving() as receiver:
        url = f"https://rebind.example:{receiver.port}/"
        for answer in (
            ["127.0.0.1"],
            ["8.8.8.8", "127.0.0.1"],
            ["::ffff:127.0.0.1"],
            ["64:ff9b::7f00:1"],
            ["10.0.0.1"],
        ):
            (attempt,) = sent(url, answer, loopback=False)
            assert attempt.status_code is None and "private network" in str(attempt.error)
    assert receiver.got == []


def test_a_certificate_has_to_be_the_names_though_an_address_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, stranger = CA(), CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    for certificate, problem in (
        (authority.issue_cert("hooks.example"), None),
        (authority.issue_cert("other.example"), "certificate"),
        (authority.issue_cert("127.0.0.1"), "certificate"),
        (stranger.issue_cert("hooks.example"), "certificate"),
    ):
        with receiving(tls=certificate) as receiver:
            (attempt,) = sent(f"https://hooks.example:{receiver.port}/", ["127.0.0.1"])
        if problem is None:
            assert attempt == Attempt(status_code=200)
            assert receiver.got[0].headers["host"] == f"hooks.example:{receiver.port}"
        else:
            assert attempt.status_code is None and problem in str(attempt.error), attempt
            assert receiver.got == []


def test_what_a_receiver_sets_goes_to_no_other_at_its_address() -> None:
    with receiving(headers={"set-cookie": "mine=secret; Path=/"}) as receiver:
        sent(f"http://localhost:{receiver.port}/", ["127.0.0.1"], ["127.0.0.1"], times=2)
    assert len(receiver.got) == 2 and all("cookie" not in each.headers for each in receiver.got)


def test_a_name_is_looked_up_once_an_attempt_and_that_address_is_called() -> None:
    with receiving() as receiver:
        # A second look would find nothing: `Answers` has one answer for each attempt.
        attempts = sent(f"http://localhost:{receiver.port}/", ["127.0.0.1"], ["127.0.0.1"], times=2)
        assert [attempt.status_code for attempt in attempts] == [200, 200]
        (attempt,) = sent(f"http://localhost:{receiver.port}/", ["8.8.8.8"])
        assert "does not lead to this machine" in str(attempt.error)


def test_the_next_address_is_called_where_one_takes_no_connection() -> None:
    with receiving() as receiver:
        (attempt,) = sent(f"http://localhost:{receiver.port}/", ["127.0.0.2", "127.0.0.1"])
    assert attempt.status_code == 200 and len(receiver.got) == 1


def test_redirects_are_not_followed_and_proxies_of_the_environment_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as target, receiving(307, headers={"location": target.url}) as receiver, receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        (attempt,) = sent(receiver.url)
    assert attempt == Attempt(status_code=307, error="answered 307; redirects are not followed")
    assert (len(receiver.got), target.got, proxy.got) == (1, [], [])


@pytest.mark.parametrize("kind", ["silent", "dripping head", "endless body"])
def test_no_receiver_holds_an_attempt_for_long(kind: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()
    written = [0]

    def serve() -> None:
        connection, _ = listener.accept()
        piece = {"silent": b"", "dripping head": b"X", "endless body": b"x" * 65536}[kind]
        try:
            if kind == "dripping head":
                connection.sendall(b"HTTP/1.1 200 OK\r\nx-long: ")
            if kind == "endless body":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not ended.wait(0.001 if kind == "endless body" else 0.2):
                connection.sendall(piece)
                written[0] += len(piece)
        except OSError:
            pass
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    began = time.monotonic()
    try:
        (attempt,) = sent(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        took = time.monotonic() - began
    finally:
        ended.set()
        thread.join()
        listener.close()
    if kind == "endless body":
        # What the status said stands; of the rest no more is read than fits the bound and the sockets' own memory.
        assert attempt == Attempt(status_code=200) and written[0] < 20_000_000
    else:
        assert attempt.status_code is None and "5 seconds" in str(attempt.error) and took < 20


def test_what_goes_wrong_is_told_and_nothing_secret_with_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (attempt,) = sent(f"http://127.0.0.1:{port}/")
    assert str(attempt.error).startswith("not sent: ") and "canary" not in repr(attempt)
    assert "canary" not in repr(Message(id="m", url="https://x.example/", body=b"", secret="canary"))
    (attempt,) = sent("https://127.0.0.1:1/", loopback=False)
    assert str(attempt.error) == "refused: the URL must not lead into a private network"

    async def unknown() -> Attempt:
        resolver = Resolver()
        try:
            message = Message(id="m", url="https://nobody.invalid/", body=b"", secret="canary")
            return await Sender(resolver, loopback=False).send(message, 1)
        finally:
            resolver.close()

    attempt = asyncio.run(unknown())
    assert attempt.status_code is None and attempt.error
