"""What the search knows of formats: a few texts that have one, so that witnesses are what they ought to be.

No verdict rests on it: a format relates to itself alone. Sources: JSON Schema 2020-12 validation 7.3, OpenAPI 3.0.
"""

from fractions import Fraction

TEXTS: dict[str, tuple[str, ...]] = {
    "date-time": ("2020-01-31T12:00:00Z", "2021-06-01T08:30:00Z"),
    "date": ("2020-01-31", "2021-06-01"),
    "time": ("12:00:00Z", "08:30:00Z"),
    "duration": ("P1D", "PT2H"),
    "email": ("a@b.co", "someone@example.com"),
    "idn-email": ("a@b.co", "someone@example.com"),
    "hostname": ("a.co", "example.com"),
    "idn-hostname": ("a.co", "example.com"),
    "ipv4": ("10.0.0.1", "192.0.2.1"),
    "ipv6": ("::1", "2001:db8::1"),
    "uri": ("a:b", "https://example.com/"),
    "uri-reference": ("a", "/a", "https://example.com/"),
    "iri": ("a:b", "https://example.com/"),
    "iri-reference": ("a", "/a", "https://example.com/"),
    "uri-template": ("a", "{a}", "https://example.com/{id}"),
    "uuid": ("00000000-0000-4000-8000-000000000000", "12345678-1234-4123-8123-123456789abc"),
    "json-pointer": ("", "/a", "/a/0"),
    "relative-json-pointer": ("0", "1/a"),
    "regex": ("a", "^a$", ""),
}
_INTEGERS = {"int32": 2**31, "int64": 2**63}


def text_may_have(name: str) -> bool:
    """Whether any text may have a format, for all that is known of it."""
    return name not in TEXTS


def number_may_have(name: str, value: Fraction) -> bool:
    """Whether a number may have a format, for all that is known of it."""
    most = _INTEGERS.get(name)
    return most is None or (value.denominator == 1 and -most <= value < most)
