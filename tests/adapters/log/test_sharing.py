"""What an append shares is stored once: each of its events reads back whole, in any part of the log."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.log import postgres, sharing, sqlite
from adapters.log.codec import encode, event_members, topic
from adapters.log.protocol import Batch, Log, Proposed
from adapters.log.sharing import Stored, recorded_events, stored_forms, whole
from domain import events as e
from domain.schema.change import Mode
from tests.adapters.log.test_codec import values

FOLDER = Path(__file__).parents[2] / "stored_appends"
AT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
ACTOR = e.Actor(type="api_key", id="k", team_id="t")


def _asset(fqn: str = "shop.orders", **members: Any) -> e.AssetCreated:
    stated = {"environment": "production", "owner_team_id": "t1", "resource_type": "model", **members}
    return e.AssetCreated(fqn=fqn, **stated)


def _contract(**members: Any) -> e.ContractPublished:
    stated = {"version": "1.0.0", "mode": Mode.backward, "published_by": "t1", **members}
    return e.ContractPublished(contract_id="c", schema_digest="sha256:0", **stated)


def _recorded(events: list[e.AnyEvent]) -> list[e.Recorded]:
    forms = stored_forms(events, AT, len(events), ACTOR, "r")
    return recorded_events(
        [(n, "s", n, topic(v), f) for n, (v, f) in enumerate(zip(events, forms, strict=True), 1)], _none
    )


def _none(positions: object) -> list[Stored]:
    raise AssertionError(f"{positions} are at hand")


def _reads_back(events: list[e.AnyEvent]) -> None:
    found = _recorded(events)
    assert [(r.event, r.at, r.end, r.actor, r.request_id) for r in found] == [
        (event, AT, len(events), ACTOR, "r") for event in events
    ]
    forms = whole([(r.position, topic(r.event), r.stored) for r in found], _none)
    for r in found:
        # What the audit trail shows is as if it had been stored whole.
        assert list(event_members(forms[r.position]).items()) == list(event_members(encode(r)).items())


@settings(derandomize=True, deadline=None, database=None)
@given(st.lists(st.one_of([values(kind) for kind in (e.AssetCreated, e.ContractPublished, *get_args(e.AnyEvent)[:6])])))
def test_events_read_back_as_they_were_appended(events: list[e.AnyEvent]) -> None:
    _reads_back(events)


@pytest.mark.parametrize(
    "second",
    [
        _asset(owner_team_id="t2"),
        _asset(
            owner_team_id="t2",
            declared={"x": 1, "environment": "production", "owner_team_id": "t1", "resource_type": "model"},
        ),
        _asset(declared={"x": 1, "environment": "production", "owner_team_id": "t1", "resource_type": "model"}),
        _asset('a","environment":"production","owner_team_id":"t1","resource_type":"model'),
        _asset('a\\","environment":"production","owner_team_id":"t1","resource_type":"model', environment=""),
        _contract(version="2.0.0", guarantees={"n": 1, "version": "1.0.0", "mode": "backward", "published_by": "t1"}),
        _contract(published_by="t2", field_descriptions={"$": ',"mode":"backward","published_by":"t1"'}),
        e.AssetRestored(),
    ],
)
def test_what_looks_like_what_is_shared_is_not_taken_for_it(second: e.AnyEvent) -> None:
    _reads_back([_asset(), _contract(), second, e.AssetDeleted()])


@pytest.mark.parametrize("kind", sharing._COMMON)
def test_only_texts_stand_before_what_may_be_left_out(kind: type[e.AnyEvent]) -> None:
    fields = [*msgspec.structs.fields(kind)]
    names = [field.name for field in fields]
    runs = sharing._COMMON[kind]
    before = fields[: names.index(runs[-1][-1]) + 1]
    assert all(field.required and issubclass(field.type, str) for field in before)
    assert all(names.index(two) == names.index(one) + 1 for run in runs for one, two in pairwise(run))


def _append(log: Log, *events: e.AnyEvent) -> tuple[e.Recorded, ...]:
    proposed = tuple(Proposed(stream=f"s{n}", version=log.versions([f"s{n}"]).get(f"s{n}", -1) + 1, event=event)
                     for n, event in enumerate(events))  # fmt: skip
    return log.append(Batch(events=proposed, actor=ACTOR, request_id="r", at=AT), lambda session, recorded: None)


def test_every_way_to_read_the_log_gives_whole_events(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    appended = [
        *_append(log, _asset("a"), _asset("b", owner_team_id="t2"), e.AssetDeleted(), e.AssetRestored()),
        *_append(log, _asset("c", environment="test")),
        *_append(log, e.AssetDeleted(), _contract(), _contract(mode=Mode.full)),
    ]
    assert [*log.all()] == appended
    assert [*log.all(after=5)] == appended[5:]
    assert log.streams(["s1"]) == {"s1": [r for r in appended if r.stream == "s1"]}
    assert log.of_topics(["asset-created"], 1, 3, 10) == [appended[1]]
    states = log.states([r.position for r in appended])
    assert {n: event_members(state) for n, state in states.items()} == {
        r.position: event_members(encode(r)) for r in appended
    }
    # The page ends before the appends do.
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "PAGE", 2)
    assert [*log.all()] == appended


def test_little_is_stored_of_what_all_events_of_an_append_say() -> None:
    one, *_, last = (len(r.stored) for r in _recorded([_asset() for _ in range(100)]))
    assert one == len('{"end":100,"event":{"fqn":"shop.orders"}}')
    assert last < 400


SAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def _read(rows: list[Any]) -> list[e.Recorded]:
    found = [
        (n, f"s{n}", 0, tag, json.dumps(state, separators=(",", ":")).encode())
        for n, (tag, state, _) in enumerate(rows, 1)
    ]
    return recorded_events(found, _none)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_append_that_was_stored_once_is_read_for_ever(name: str) -> None:
    for recorded, (_, _, stated) in zip(_read(SAMPLES[name]), SAMPLES[name], strict=True):
        assert json.loads(encode(recorded)) == stated


@pytest.mark.parametrize("name", SAMPLES)
def test_any_one_member_of_a_stored_append_may_be_absent_and_more_be_there(name: str) -> None:
    for n, (_, state, _) in enumerate(SAMPLES[name]):
        for path in [(), *((member,) for member in state if isinstance(state[member], dict))]:
            place = state[path[0]] if path else state
            for member in [*place, "unheard-of"]:
                rows = deepcopy(SAMPLES[name])
                changed = rows[n][1][path[0]] if path else rows[n][1]
                changed.pop(member, None) if member in place else changed.update({member: {"by": ["later"]}})
                found = _read(rows)
                assert [type(r.event) for r in found] == [type(r.event) for r in _read(SAMPLES[name])]


def test_nothing_is_guessed_where_the_last_event_of_an_append_is_gone() -> None:
    brief, last = stored_forms([_asset("a"), _asset("b")], AT, 2, ACTOR, "r")
    found = [(1, topic(_asset()), brief)]
    assert b'"production"' in whole(found, lambda _: [(2, topic(_asset()), last)])[1]
    with pytest.raises(LookupError, match="lacks event 2"):
        whole(found, lambda _: [])
