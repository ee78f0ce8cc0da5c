"""One attempt: a signed POST to an address that was looked up once and judged (reliability.md, security 15 and 16)."""

import asyncio
import base64
import hashlib
import hmac
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeAlias

import httpx
import msgspec

from adapters.webhooks.addresses import Address, Place, Unfit, address_of, check_address, place_of

# For all of an attempt: looking the name up, connecting, sending, and the answer.
SECONDS = 5.0
# How long one of several addresses of a name may keep the others waiting.
CONNECT_SECONDS = 1.5
ADDRESSES = 3
READ_BYTES = 64 * 1024
_ERROR_LENGTH = 300
# A look-up that hangs goes on after its attempt has ended. Threads begin when they are needed.
_LOOK_UPS = 128
# From a name and a port to the addresses as texts. Raises `OSError`.
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: `body` is JSON, `id` the same at each attempt. The secret never appears in `repr`."""

    id: str
    url: str
    body: bytes
    secret: str

    def __repr__(self) -> str:
        return f"Message(id={self.id!r})"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt went: the status that was answered, if any, and what went wrong, if anything did."""

    status_code: int | None = None
    error: str | None = None


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC-SHA256, by the secret's UTF-8 bytes, of `id.timestamp.body`."""
    signed = b"%s.%d.%s" % (id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


class Resolver:
    """The system's resolver, in threads of its own: a name server that hangs holds up nobody else's work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOK_UPS, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        def look_up() -> list[str]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return list(dict.fromkeys(str(address[0]) for *_, address in found))

        return await asyncio.get_running_loop().run_in_executor(self._threads, look_up)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class Sender:
    """Makes attempts. `loopback` says that this machine may be called."""

    def __init__(self, resolve: Resolve, *, loopback: bool) -> None:
        self._resolve = resolve
        self._loopback = loopback

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        # No proxies and no `.netrc` of the environment, no redirects, no connection that another receiver made, and no
        # cookies: what one receiver sets would go to all at its address.
        # Which authorities are trusted can be set as usual, by SSL_CERT_FILE.
        return httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"user-agent": "muniment", "accept": "*/*", "accept-encoding": "identity", "connection": "close"},
        )

    async def close(self) -> None:
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def send(self, message: Message, timestamp: int) -> Attempt:
        """One attempt, at this Unix time. Never raises for what the receiver, the network or the URL does."""
        deadline = asyncio.get_running_loop().time() + SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._answer(message, timestamp)
        except TimeoutError:
            return Attempt(error=f"no answer within {SECONDS:g} seconds")
        except Unfit as unfit:
            return Attempt(error=f"refused: the URL {unfit}")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Attempt(error=_told(error))
        await _end(response, deadline)
        status = response.status_code
        if 200 <= status < 300:
            return Attempt(status_code=status)
        followed = "; redirects are not followed" if 300 <= status < 400 else ""
        return Attempt(status_code=status, error=f"answered {status}{followed}")

    async def _answer(self, message: Message, timestamp: int) -> httpx.Response:
        """The head of the answer, from the first address that takes a connection."""
        place = place_of(message.url, loopback=self._loopback)
        addresses = await self._addresses(place)
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._post(place, address, message, timestamp, CONNECT_SECONDS)
        return await self._post(place, addresses[-1], message, timestamp, SECONDS)

    async def _addresses(self, place: Place) -> list[Address]:
        """Where the host is: looked up once, and refused if any of it is no place to call."""
        if place.address is not None:
            return [place.address]
        try:
            texts = await self._resolve(place.host, place.port)
        except (OSError, UnicodeError):
            raise Unfit("has a name that cannot be resolved") from None
        addresses = [address_of(text) for text in texts]
        for address in addresses:
            check_address(address, loopback=self._loopback)
            if place.scheme == "http" and not address.is_loopback:
                raise Unfit("is not https, and does not lead to this machine")
        if not addresses:
            raise Unfit("has a name that cannot be resolved")
        return addresses[:ADDRESSES]

    async def _post(
        self, place: Place, address: Address, message: Message, timestamp: int, connect: float
    ) -> httpx.Response:
        host = f"[{address}]" if address.version == 6 else str(address)
        url = httpx.URL(scheme=place.scheme, host=host, port=place.port, raw_path=place.target.encode())
        headers = {
            "host": place.host_header,
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(message.secret, message.id, timestamp, message.body),
        }
        extensions: dict[str, object] = {"timeout": httpx.Timeout(SECONDS, connect=connect).as_dict()}
        if place.address is None:
            # The connection goes to the address; the certificate has to be the name's.
            extensions["sni_hostname"] = place.host.removesuffix(".")
        request = self._client.build_request("POST", url, headers=headers, content=message.body, extensions=extensions)
        return await self._client.send(request, stream=True)


async def _end(response: httpx.Response, deadline: float) -> None:
    """Read what the receiver says beyond its status, within bounds, so that it can end in peace. It means nothing."""
    total = 0
    try:
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout_at(deadline):
                async for piece in response.aiter_raw(8 * 1024):
                    total += len(piece)
                    if total >= READ_BYTES:
                        break
    finally:
        await response.aclose()


def _told(error: Exception) -> str:
    """What went wrong, for the people who own the receiver."""
    text = " ".join(str(error).split()) or type(error).__name__
    return f"not sent: {text}"[:_ERROR_LENGTH]
