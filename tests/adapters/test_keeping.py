"""What is kept from one request to the next is what would be read or replayed anew, on both stores."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.catalog import Catalog, Outcome
from adapters.clock import SystemClock
from adapters.log.protocol import Log
from adapters.requests import read_document
from adapters.syncing import Job, sync
from adapters.views import prepare
from domain.events import Actor, TeamCreated
from domain.ids import DIRECTORY
from domain.sync.options import Permission
from tests.manifests import depends, manifest, model, upload

ACTOR = Actor(type="bootstrap")
FLAGS = {"conflict_mode": "overwrite", "auto_publish_contracts": True, "auto_create_proposals": True}


@pytest.fixture
def catalog(log: Log) -> Catalog:
    prepare(log)
    made = Catalog(log, SystemClock())
    created = [TeamCreated(team_id=str(uuid4()), name=name) for name in ("shop", "finance")]
    made.commit(lambda: (Outcome(events={DIRECTORY: (-1, [*created])}), None), ACTOR, None)
    return made


def _job(path: Path, body: bytes) -> Job:
    path.write_bytes(body)
    return Job(
        kind="dbt",
        action="sync",
        body=path,
        query=(),
        may_be_bare=False,
        actor=ACTOR,
        permission=Permission(admin=True),
        request_id="r",
        seed=str(uuid4()),
        expiry_days=30,
        may_write=True,
    )


def _shop(orders: dict[str, str | None], **members: object) -> bytes:
    report = model("report", {"n": "int"}, depends_on=depends("orders"), meta={"muniment": {"owner_team": "finance"}})
    return upload(manifest(model("orders", orders, **members), report), auto_register_consumers=True, **FLAGS)


def test_states_kept_after_a_sync_equal_the_replayed_ones(catalog: Catalog, tmp_path: Path) -> None:
    owner = json.dumps(catalog.directory().by_name["shop"]).encode()
    steps = [
        _shop({"id": "int", "total": "numeric(10, 2)"}, description="Orders", tags=["daily"]),
        _shop({"id": "int", "total": "numeric(10, 2)", "note": "text"}),
        _shop({"id": "int"}, description="Fewer columns: asks the consumer"),
    ]
    for body in steps:
        sync(catalog, _job(tmp_path / "body", body[:-1] + b',"owner_team_id":' + owner + b"}"))
        ids = sorted({recorded.stream for recorded in catalog.log.all()})
        kept = catalog.states(ids)
        assert kept == Catalog(catalog.log, SystemClock()).states(ids)
    assert any(state.proposals for state in kept.values())


def test_a_document_read_before_is_the_one_that_its_bytes_say(tmp_path: Path) -> None:
    one, other = _shop({"id": "int"}), _shop({"id": "text"})
    read = [read_document(_job(tmp_path / "body", body)) for body in (one, one, other, one)]
    assert read[1].document is read[0].document
    assert [envelope.document == read[0].document for envelope in read] == [True, True, False, True]
    renamed = read_document(_job(tmp_path / "body", one[:-1] + b',"project":"elsewhere"}'))
    assert renamed.document.key == "elsewhere"
    catalog = b',"catalog":{"nodes":{"model.shop.orders":{"columns":{"id":{"name":"id","type":"date"}}}}}}'
    typed = read_document(_job(tmp_path / "body", upload(manifest(model("orders", {"id": None})))))
    filled = read_document(_job(tmp_path / "body", upload(manifest(model("orders", {"id": None})))[:-1] + catalog))
    assert typed.document.specs[0].untyped and not filled.document.specs[0].untyped
