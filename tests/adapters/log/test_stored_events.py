"""What was stored once is read for ever: a sample of each event as its bytes lie in the log (tests/stored_events).

A sample is never changed. A new event type needs one of its own; a new shape of an old one gets another file, named
`TAG.2.json`, and the old file stays.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from adapters.log.codec import decode, encode
from domain import asset, directory
from domain import events as e
from projections.catalog_views import ALL

FOLDER = Path(__file__).parents[2] / "stored_events"
SAMPLES = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}
KINDS: dict[str, type[e.Event]] = {str(kind.__struct_config__.tag): kind for kind in get_args(e.AnyEvent)}
Steps = tuple[str | int, ...]
# Objects whose members are data: names given by people, each with a value of one kind.
MAPS = ("counts", "field_descriptions", "field_tags", "upstream")


def _tag(name: str) -> str:
    return name.partition(".")[0]


def _decoded(name: str, state: bytes) -> e.Recorded:
    return decode(7, "00000000-0000-4000-8000-000000000010", 3, _tag(name), state)


def _content(recorded: e.Recorded) -> e.Recorded:
    """The event, however it was written."""
    return msgspec.structs.replace(recorded, stored=b"")


def _objects(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Where the objects of a document are."""
    if isinstance(value, dict):
        yield steps
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _objects(inner, (*steps, key))


def _at(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def _survives(name: str, document: Any) -> None:
    """The stored form decodes to its event, and every fold and state takes it."""
    recorded = _decoded(name, json.dumps(document).encode())
    assert type(recorded.event) is KINDS[_tag(name)]
    assert _content(_decoded(name, encode(recorded))) == _content(recorded)
    for view in ALL:
        for key in view.keys(recorded):
            row = view.fold(key, None, recorded)
            assert row is None or len(row.columns()) == len(view.table.columns) - 3
    if isinstance(recorded.event, e.DirectoryEvent):
        directory.replay([recorded.event])
    elif isinstance(recorded.event, e.AssetEvent):
        assert asset.replay(recorded.stream, [recorded.event]).version == 0


def test_every_event_has_a_sample_and_no_sample_lost_its_event() -> None:
    assert {_tag(name) for name in SAMPLES} == KINDS.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_states_every_member_and_reads_back_as_it_lies(name: str) -> None:
    recorded = _decoded(name, SAMPLES[name])
    stated = json.loads(SAMPLES[name])
    members = {"tag", *(field.encode_name for field in msgspec.structs.fields(KINDS[_tag(name)]))}
    newest = max((other for other in SAMPLES if _tag(other) == _tag(name)), key=len) == name
    assert stated["event"].keys() == members if newest else stated["event"].keys() < members
    assert json.loads(encode(recorded)) == stated


@pytest.mark.parametrize("name", SAMPLES)
def test_any_one_member_may_be_absent(name: str) -> None:
    whole = json.loads(SAMPLES[name])
    for steps in list(_objects(whole)):
        for member in _at(whole, steps):
            without = deepcopy(whole)
            del _at(without, steps)[member]
            _survives(name, without)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_unknown_member_may_stand_anywhere(name: str) -> None:
    whole = json.loads(SAMPLES[name])
    for steps in [steps for steps in _objects(whole) if not steps or steps[-1] not in MAPS]:
        more = deepcopy(whole)
        _at(more, steps)["unheard-of"] = {"by": ["later", "releases"]}
        _survives(name, more)
        if steps in ((), ("actor",), ("event",)):
            assert _content(_decoded(name, json.dumps(more).encode())) == _content(_decoded(name, SAMPLES[name]))


def test_a_row_that_is_no_json_is_not_taken_for_an_event() -> None:
    with pytest.raises(msgspec.DecodeError):
        _decoded("team-created", b"{")
