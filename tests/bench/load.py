"""A load client over raw sockets, in a process of its own: the same for both sides of every ratio.

`closed` keeps connections busy and counts answers; `open` sends at a fixed rate, whatever comes back, until its input
ends, and measures each answer from the moment at which its request was due.
"""

import asyncio
import itertools
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import msgspec
import uvloop

from tests.conftest import ROOT

CONNECTIONS = 32


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request under way. Every answer has to be a 200."""

    def __init__(self, answered: Callable[["Connection"], None]) -> None:
        self._answered = answered
        self._received = bytearray()
        self._expected = 0
        self._transport = asyncio.WriteTransport()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, and none of its classes.
        self._transport = transport  # type: ignore[assignment]

    def send(self, request: bytes) -> None:
        self._received.clear()
        self._expected = 0
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._expected:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[:end]).lower()
            assert head.startswith(b"http/1.1 200"), head
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._expected = end + 4 + int(length)
        if len(self._received) >= self._expected:
            self._answered(self)


async def _connections(port: int, answered: Callable[[Connection], None]) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Connection(answered), "127.0.0.1", port) for _ in range(CONNECTIONS)]
    return [connection for _, connection in made]


async def closed(port: int, requests: Iterator[bytes], seconds: float) -> dict[str, float]:
    """Answers a second, with every connection always waiting for one."""
    count = 0

    def answered(connection: Connection) -> None:
        nonlocal count
        count += 1
        connection.send(next(requests))

    connections = await _connections(port, answered)
    for connection in connections:
        connection.send(next(requests))
    await asyncio.sleep(0.3)
    started, before = time.perf_counter(), count
    await asyncio.sleep(seconds)
    return {"rate": (count - before) / (time.perf_counter() - started)}


async def paced(port: int, requests: Iterator[bytes], rate: float) -> dict[str, float]:
    """Latencies at a fixed rate until the standard input ends, in seconds."""
    latencies: list[float] = []
    due: dict[Connection, float] = {}
    idle: deque[Connection] = deque()
    waiting: deque[float] = deque()

    def answered(connection: Connection) -> None:
        latencies.append(time.perf_counter() - due[connection])
        if waiting:
            begin(connection, waiting.popleft())
        else:
            idle.append(connection)

    def begin(connection: Connection, at: float) -> None:
        due[connection] = at
        connection.send(next(requests))

    idle.extend(await _connections(port, answered))
    end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    started = time.perf_counter()
    for n in itertools.count():
        at = started + n / rate
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        if end.done():
            break
        begin(idle.popleft(), at) if idle else waiting.append(at)
    latencies.sort()
    return {"count": len(latencies), "p50": _share(latencies, 0.5), "p99": _share(latencies, 0.99)}


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Load:
    """The client as a process."""

    def __init__(self, how: str, port: int, figure: float, paths: Sequence[str], key: str) -> None:
        plan = msgspec.json.encode([how, port, figure, list(paths), key]).decode()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(plan.encode() + b"\n")
        self._process.stdin.flush()

    def result(self) -> dict[str, float]:
        """End an open run (a closed one ends by itself) and take what was measured."""
        out, _ = self._process.communicate()
        assert self._process.returncode == 0
        return msgspec.json.decode(out, type=dict[str, float])


def main() -> None:
    how, port, figure, paths, key = msgspec.json.decode(
        sys.stdin.readline(), type=tuple[str, int, float, list[str], str]
    )
    texts = [f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode() for path in paths]
    requests = itertools.cycle(texts)
    run = closed if how == "closed" else paced
    print(msgspec.json.encode(uvloop.run(run(port, requests, figure))).decode())


if __name__ == "__main__":
    main()
