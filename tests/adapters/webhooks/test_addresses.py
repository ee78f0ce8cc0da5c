"""Where messages may go (reliability.md, security 15)."""

from ipaddress import ip_address

import pytest

from adapters.webhooks.addresses import Unfit, check_address, place_of

REFUSED = [
    "http://hooks.example/", "ftp://hooks.example/", "//hooks.example/", "hooks.example", "https:///x", "https:x", "https://",
    "https://user@hooks.example/", "https://user:pw@hooks.example/", "https://hooks.example/#x", "https://hooks.example#",
    "https://hooks.example:0/", "https://hooks.example:65536/", "https://hooks.example:x/", "https://hooks.example:/",
    "https://hooks.example:-1/", "https://hooks.example:4_4/", "https://hooks example/", "https://hooks.example\\@evil/",
    "https://hooks.example/\n", " https://hooks.example/", "https://hooks%2eexample/", "https://bücher.example/",
    "https://-a.example/", "https://a..example/", "https://localhost/", "https://a.localhost/", "https://LOCALHOST./",
    "https://127.0.0.1/", "https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/",
    "https://100.64.0.1/", "https://0.0.0.0/", "https://255.255.255.255/", "https://224.0.0.1/", "https://240.0.0.1/",
    "https://192.0.2.1/", "https://198.18.0.1/", "https://192.0.0.9/", "https://192.88.99.1/",
    "https://2130706433/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0x7f000001/", "https://127.1/",
    "https://127.0.0.1./", "https://1.1.1.1./", "https://8.8.2056/",
    "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:8.8.8.8]/", "https://[::8.8.8.8]/",
    "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[2606:4700::1111%25lo]/", "https://[fc00::1]/",
    "https://[fec0::1]/", "https://[ff0e::1]/", "https://[64:ff9b::808:808]/", "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/", "https://[2001:0:7f00:1::]/", "https://[2001:db8::1]/", "https://[3fff::1]/",
    "https://[::1/", "https://::1/", "https://[x]/",
    "https://" + "a" * 64 + ".example/", "https://" + "a." * 130 + "a/",
    "https://hooks.example/" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused(url: str) -> None:
    with pytest.raises(Unfit) as refused:
        place_of(url, loopback=False)
    assert url not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://hooks.example", "hooks.example", 443, "/"),
        ("HTTPS://Hooks.Example:8443/a%20b?c=d&e", "hooks.example", 8443, "/a%20b?c=d&e"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/"),
        ("https://[2606:4700::1111]:444/x", "[2606:4700::1111]", 444, "/x"),
        ("https://a_b.internal./", "a_b.internal.", 443, "/"),
    ],
)
def test_what_is_taken(url: str, host: str, port: int, target: str) -> None:
    place = place_of(url, loopback=False)
    assert (place.host, place.port, place.target) == (host, port, target)


def test_this_machine_is_called_where_that_is_allowed_and_no_other() -> None:
    for url in (
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]:2/",
        "https://127.0.0.1/",
        "https://localhost/",
    ):
        place_of(url, loopback=True)
        with pytest.raises(Unfit):
            place_of(url, loopback=False)
    for url in ("http://hooks.example/", "http://8.8.8.8/", "http://10.0.0.1/", "https://10.0.0.1/", "http://127.1/"):
        with pytest.raises(Unfit):
            place_of(url, loopback=True)


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:82a::200e"])
def test_public_addresses_are_called(text: str) -> None:
    check_address(ip_address(text), loopback=False)
