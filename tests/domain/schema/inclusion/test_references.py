"""Where references lead: plain ones are followed without being taken for URIs, to the same places."""

import re
from typing import Any

import pytest

from domain.schema.inclusion import references
from domain.schema.inclusion.references import Document, Outside, Place

ROOT: Any = {
    "$defs": {"a": {"properties": {"x": {"type": "string"}}}, "b c": {}, "a~b": True, "list": {"anyOf": [{}, False]}},
    "properties": {"own": {"$id": "http://x.test/own", "$defs": {"inner": {}}}, "n": 3, "": {}},
}
POINTERS = [
    "#/$defs/a", "#/$defs/a/properties/x", "#/$defs/list/anyOf/1", "#/$defs/list/anyOf/01", "#/$defs/list/anyOf/2",
    "#/$defs/none", "#/properties/n", "#/properties/own/$defs/inner", "#/properties/", "#/", "#", "#a", "#/$defs/b%20c",
    "#/$defs/a~0b", "#/$defs/a#b", "#/$defs/a\t", "#/$defs/é", "#//", "#/$defs/list/anyOf/-1",
]  # fmt: skip


def _led(reference: str) -> Place | str:
    try:
        return Document(ROOT).follow(reference, "")
    except Outside as outside:
        return str(outside)


@pytest.mark.parametrize("reference", POINTERS)
def test_a_plain_pointer_leads_where_the_reference_as_a_uri_leads(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = _led(reference)
    monkeypatch.setattr(references, "_PLAIN", re.compile(r"(?!)"))
    assert plain == _led(reference)


def test_what_is_plain_is_taken_for_it() -> None:
    assert references._PLAIN.fullmatch("#/components/schemas/A_b-c.d$1")  # noqa: SLF001
    assert _led("#/$defs/a") == Place(steps=("$defs", "a"))
