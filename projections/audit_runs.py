"""Audit runs: one row a run, as it was reported."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Index, bindparam, literal_column, select

from domain import events as e
from projections.reading import Listing, Question
from projections.sql import at_position, document, number, text
from projections.times import wire_time
from projections.view import Kinds, view_table

TABLE = view_table(
    "audit_runs",
    text("asset_id"),
    text("status"),
    text("triggered_by"),
    text("run_at"),
    number("made"),
    number("failed"),
    text("failed_guarantees"),
    document("body"),
    unchanging=True,
)
Index("audit_runs_by_asset", TABLE.c.asset_id, TABLE.c.run_at, TABLE.c.made)


class AuditRunBody(msgspec.Struct, frozen=True, kw_only=True):
    """A run on the wire, without its results (api.md 3.15). `failed_guarantees` are the ids of those that failed."""

    id: str
    status: str
    guarantees_checked: int
    guarantees_passed: int
    guarantees_failed: int
    triggered_by: str
    run_id: str | None
    run_at: str
    contract_version: str | None
    failed_guarantees: tuple[str, ...]


class AuditRunRow(msgspec.Struct, frozen=True):
    id: str
    asset_id: str
    made: int
    body: AuditRunBody

    def columns(self) -> tuple[object, ...]:
        body = self.body
        return (
            self.asset_id,
            body.status,
            body.triggered_by,
            body.run_at,
            self.made,
            body.guarantees_failed,
            msgspec.json.encode(body.failed_guarantees).decode(),
            msgspec.json.encode(body),
        )


class AuditRuns:
    table = TABLE
    events: Kinds = frozenset({e.AuditRunReported})

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return (recorded.event.audit_run_id,) if isinstance(recorded.event, e.AuditRunReported) else ()

    def fold(self, key: str, row: AuditRunRow | None, recorded: e.Recorded) -> AuditRunRow | None:
        event = recorded.event
        if not isinstance(event, e.AuditRunReported):
            return row
        body = AuditRunBody(
            id=key,
            status=event.status,
            guarantees_checked=event.checked,
            guarantees_passed=event.passed,
            guarantees_failed=event.failed,
            triggered_by=event.triggered_by,
            run_id=event.run_id,
            run_at=wire_time(event.run_at),
            contract_version=event.contract_version,
            failed_guarantees=tuple(r.guarantee_id for r in event.results or () if not r.passed),
        )
        return AuditRunRow(key, event.asset_id, recorded.position, body)

    def load(self, id: str, columns: Sequence[object]) -> AuditRunRow:
        asset_id, _, _, _, made, _, _, body = columns
        assert isinstance(asset_id, str) and isinstance(made, int) and isinstance(body, bytes)
        return AuditRunRow(id, asset_id, made, msgspec.json.decode(body, type=AuditRunBody))


_of_asset = (TABLE.c.asset_id == bindparam("asset_id"), at_position(TABLE))
HISTORY = Listing(
    select(TABLE.c.body).where(*_of_asset),
    {
        "status": TABLE.c.status == bindparam("status"),
        "triggered_by": TABLE.c.triggered_by == bindparam("triggered_by"),
    },
    {"newest": (TABLE.c.made.desc(),)},
)
LAST = Question(
    select(TABLE.c.id, TABLE.c.status, TABLE.c.run_at, TABLE.c.triggered_by, TABLE.c.failed)
    .where(*_of_asset)
    .order_by(TABLE.c.run_at.desc(), TABLE.c.made.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0"))
)
SINCE = Question(
    select(TABLE.c.run_at, TABLE.c.status, TABLE.c.failed_guarantees).where(
        *_of_asset, TABLE.c.run_at >= bindparam("since")
    )
)
