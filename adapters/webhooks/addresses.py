"""Where messages may go: what a webhook's URL may look like, and which addresses are called."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

URL_LENGTH = 2000
Address: TypeAlias = IPv4Address | IPv6Address

# RFC 3986 allows no other characters.
_WRITTEN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
# A host whose last part is a number is what resolvers take for an IPv4 address, in one of many notations (WHATWG URL).
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?")
_PORT = re.compile(r"[0-9]{1,5}")
# Of IPv6 only what is given out for use by anyone, and of that nothing that leads to an IPv4 address (6to4, Teredo).
# Addresses of NAT64 (64:ff9b::/96, 64:ff9b:1::/48) and mapped ones (::ffff:0:0/96) lie outside of it.
_UNICAST = IPv6Network("2000::/3")
_LEADING_ELSEWHERE = tuple(
    ip_network(each) for each in ("2001::/23", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24")
)


class Unfit(Exception):
    """A URL or an address that no message is sent to; the message says why, and repeats nothing of the URL."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A URL taken apart. `address` is set where the host is one, and `host` is then written as URLs write it."""

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None

    @property
    def host_header(self) -> str:
        """The value of `Host`: without the port where it is the scheme's own."""
        return self.host if self.port == _OWN_PORTS[self.scheme] else f"{self.host}:{self.port}"


_OWN_PORTS = {"https": 443, "http": 80}


def place_of(url: str, *, loopback: bool) -> Place:
    """A webhook's URL, taken apart. `loopback` says that this machine may be called. Raises `Unfit`."""
    if len(url) > URL_LENGTH:
        raise Unfit(f"must have at most {URL_LENGTH} characters")
    if not _WRITTEN.fullmatch(url):
        raise Unfit("must be a URL; characters that no URL has are written in percent-encoded form")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Unfit("must be a URL") from None
    if parts.scheme not in (("https", "http") if loopback else ("https",)):
        raise Unfit("must be an https URL")
    if "@" in parts.netloc:
        raise Unfit("must not contain a user or password")
    if "#" in url:
        raise Unfit("must not contain a fragment")
    host, port = _host_and_port(parts.netloc, _OWN_PORTS[parts.scheme])
    place = Place(
        scheme=parts.scheme,
        host=host,
        port=port,
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        address=_literal(host),
    )
    _check_host(place, loopback=loopback)
    return place


def _host_and_port(netloc: str, own: int) -> tuple[str, int]:
    host, separator, port = netloc.rpartition(":")
    if not separator or port.endswith("]"):
        return netloc.lower(), own
    if not _PORT.fullmatch(port) or not 1 <= int(port) <= 65535:
        raise Unfit("must have a port from 1 to 65535, or none")
    return host.lower(), int(port)


def _literal(host: str) -> Address | None:
    """The address that a host is, None for a name. Raises `Unfit` for an address in an unusual notation."""
    if host.startswith("["):
        try:
            return _without_zone(IPv6Address(host.removeprefix("[").removesuffix("]")))
        except ValueError:
            raise Unfit("must have a name or an address as its host") from None
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise Unfit("must have a name or an address as its host")
    if not _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
        return None
    try:
        return IPv4Address(host)
    except ValueError:
        raise Unfit("must write an IPv4 address as four decimal numbers") from None


def _without_zone(address: IPv6Address) -> IPv6Address:
    if address.scope_id is not None:
        raise Unfit("must not name an interface of this machine")
    return address


def _check_host(place: Place, *, loopback: bool) -> None:
    name = place.host.removesuffix(".")
    here = name == "localhost" or name.endswith(".localhost")
    if place.address is not None:
        check_address(place.address, loopback=loopback)
        here = place.address.is_loopback
    elif here and not loopback:
        raise Unfit("must not lead into a private network")
    if place.scheme == "http" and not here:
        raise Unfit("must be an https URL; http leads to this machine only")


def check_address(address: Address, *, loopback: bool) -> None:
    """Refuse an address that is not on the public internet. Raises `Unfit`."""
    if loopback and address.is_loopback:
        return
    public = address.is_global and not (address.is_multicast or address.is_reserved)
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        public = False
    if not public or any(address in network for network in _LEADING_ELSEWHERE if network.version == address.version):
        raise Unfit("must not lead into a private network")


def address_of(text: str) -> Address:
    """An address as a resolver writes it. Raises `Unfit` for what is none."""
    try:
        return ip_address(text)
    except ValueError:
        raise Unfit("does not lead to an address") from None
