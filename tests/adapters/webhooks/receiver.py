"""A real receiver of webhooks on this machine, which answers as it is told."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from trustme import LeafCert


class Received(msgspec.Struct, frozen=True):
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Keeps what it gets. `answers` are the statuses of the first requests; later ones are answered 200.

    With a certificate (`tls`) it speaks HTTPS.
    """

    def __init__(
        self, *answers: int, headers: dict[str, str] | None = None, drip: float = 0, tls: LeafCert | None = None
    ) -> None:
        self.got: list[Received] = []
        self._answers, self._headers, self._drip = list(answers), headers or {}, drip
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.answer(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        self.got.append(Received({name.lower(): value for name, value in request.headers.items()}, body))
        try:
            # A head that comes byte by byte keeps each single read short.
            for _ in range(int(self._drip / 0.2)):
                request.wfile.write(b"H" if _ == 0 else b"T")
                request.wfile.flush()
                time.sleep(0.2)
            request.send_response(self._answers.pop(0) if self._answers else 200)
            for name, value in {"content-length": "0", **self._headers}.items():
                request.send_header(name, value)
            request.end_headers()
        except OSError:
            pass

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving(*answers: int, **more: Any) -> Iterator[Receiver]:
    receiver = Receiver(*answers, **more)
    try:
        yield receiver
    finally:
        receiver.close()


def until(holds: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
