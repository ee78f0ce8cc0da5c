"""Real manifests with one known member set to null, to a wrong type, or dropped: a value or a named refusal, always."""

import gzip
import json
import random
from collections import Counter
from typing import Any

import msgspec
import pytest

from adapters.depth import with_depth_limit
from adapters.sources import dbt
from adapters.sources.errors import InvalidDocument
from tests.conftest import ROOT
from tests.mutations import DROPPED, mutated, places

# Samples, with how many nodes of each are kept: the more, the longer each try takes.
SAMPLES = {"jaffle_shop": 40, "shopify_after": 12}
VALUES: list[Any] = [None, DROPPED, 5, 1.5, True, "x", "", [], {}, [1], [None], {"a": 1}, "\0", 2**70]
COUNT = 1_500


def _outcome(document: dict[str, Any], catalog: bytes | None = None) -> str:
    text = msgspec.json.encode(document)
    try:
        read = with_depth_limit(lambda: dbt.read(text, catalog=catalog), text)
    except InvalidDocument as refused:
        assert refused.code in ("INVALID_MANIFEST", "INVALID_CATALOG")
        assert refused.errors and all(refused.errors)
        return "refused"
    assert all(error.message and error.item for error in read.errors)
    msgspec.json.encode(read)
    return "with errors" if read.errors or read.parse_errors else "read"


def _sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((ROOT / "samples" / f"{name}.json.gz").read_bytes()))
    keep = dict(list(found["nodes"].items())[: SAMPLES[name]])
    return {**{k: found[k] for k in ("metadata", "sources")}, "nodes": keep}


@pytest.mark.parametrize("name", SAMPLES)
def test_one_thing_wrong(name: str) -> None:
    document, chance = _sample(name), random.Random(7)
    found = places(document)
    chosen = chance.sample(found, min(COUNT, len(found)))
    outcomes = Counter(_outcome(mutated(document, place, chance.choice(VALUES))) for place in chosen)
    # All three ways are gone, or this test would show nothing.
    assert len(chosen) > 1_000 and min(outcomes[way] for way in ("read", "with errors", "refused")) > 5, outcomes


@pytest.mark.parametrize("name", SAMPLES)
def test_null_or_gone_is_as_if_empty_wherever_it_stands(name: str) -> None:
    document, chance = _sample(name), random.Random(11)
    for place in chance.sample(places(document), 500):
        for value in (None, DROPPED):
            changed = mutated(document, place, value)
            node_itself = len(place) == 2 and place[0] in ("nodes", "sources")
            nameless = place[-1] in ("name", "alias", "identifier")
            in_a_list = isinstance(place[-1], int)
            if not (node_itself or nameless or in_a_list):
                assert _outcome(changed) == "read", (place, value)


def test_a_catalog_with_one_thing_wrong() -> None:
    document, chance = _sample("jaffle_shop"), random.Random(5)
    columns = {"ID": {"name": "ID", "type": "INT", "index": 1, "comment": None}}
    catalog: dict[str, Any] = {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
        "nodes": {id: {"columns": columns, "metadata": {}} for id in document["nodes"]},
        "sources": {},
    }
    found = places(catalog)
    for _ in range(300):
        wrong = mutated(catalog, chance.choice(found), chance.choice(VALUES))
        _outcome(document, msgspec.json.encode(wrong))
