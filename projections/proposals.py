"""Proposals: breaking changes under discussion, and how each was settled."""

from collections.abc import Sequence
from typing import get_args

import msgspec
from sqlalchemy import Index

from domain import events as e
from domain.schema.change import Change, ChangeKind, Mode
from domain.values import Object
from projections.sql import document, number, text
from projections.times import wire_time
from projections.view import Kinds, unique_now, view_table

TABLE = view_table(
    "proposals",
    text("asset_id"),
    text("status"),
    text("change_type"),
    text("proposed_by"),
    number("made"),
    number("revision"),
    text("schema_digest"),
    text("answered"),
    text("expires_at"),
    document("body"),
)
unique_now(TABLE, "pending", ["asset_id"], "status = 'pending'")
Index("proposals_by_asset", TABLE.c.asset_id)
Index("proposals_by_time", TABLE.c.made)


class ProposalBody(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as kept: the wire's members save those that other views know (api.md 3.8)."""

    id: str
    asset_id: str
    proposed_guarantees: Object | None
    compatibility_mode: Mode
    proposed_version: str
    base_contract_id: str | None
    change_type: ChangeKind
    breaking_changes: tuple[Change, ...]
    status: str
    proposed_by: str
    proposed_by_user_id: str | None
    proposed_at: str
    resolved_at: str | None
    expires_at: str
    updated_at: str
    affected: tuple[e.AffectedAsset, ...]
    acknowledgments: tuple[e.Acknowledgment, ...]
    objections: tuple[e.Objection, ...]
    supersedes: str | None
    superseded_by: str | None


_decoder = msgspec.json.Decoder(ProposalBody)

_CLOSING = {
    e.ProposalApproved: "approved",
    e.ProposalRejected: "rejected",
    e.ProposalWithdrawn: "withdrawn",
    e.ProposalExpired: "expired",
    e.ProposalPublished: "published",
}


class ProposalRow(msgspec.Struct, frozen=True):
    id: str
    body: ProposalBody
    made: int
    schema_digest: str
    revision: int = 0

    def columns(self) -> tuple[object, ...]:
        body = self.body
        return (
            body.asset_id,
            body.status,
            body.change_type.value,
            body.proposed_by,
            self.made,
            self.revision,
            self.schema_digest,
            " ".join(a.consumer_team_id for a in body.acknowledgments),
            body.expires_at,
            msgspec.json.encode(body),
        )


class Proposals:
    table = TABLE
    events: Kinds = frozenset(get_args(e.ProposalEvent))

    def keys(self, recorded: e.Recorded) -> Sequence[str]:
        return (recorded.event.proposal_id,) if isinstance(recorded.event, e.ProposalEvent) else ()

    def fold(self, key: str, row: ProposalRow | None, recorded: e.Recorded) -> ProposalRow | None:
        event, at = recorded.event, wire_time(recorded.at)
        if isinstance(event, e.ProposalCreated):
            return ProposalRow(key, _created(recorded.stream, event, at), recorded.position, event.schema_digest)
        if row is None:
            return None
        body = _changed(row.body, event, at)
        return msgspec.structs.replace(row, body=body, revision=row.revision + 1)

    def load(self, id: str, columns: Sequence[object]) -> ProposalRow:
        *_, made, revision, digest, _, _, body = columns
        assert isinstance(made, int) and isinstance(revision, int)
        assert isinstance(digest, str) and isinstance(body, bytes)
        return ProposalRow(id, _decoder.decode(body), made, digest, revision)


def _created(asset_id: str, event: e.ProposalCreated, at: str) -> ProposalBody:
    return ProposalBody(
        id=event.proposal_id,
        asset_id=asset_id,
        proposed_guarantees=event.guarantees,
        compatibility_mode=event.mode,
        proposed_version=event.proposed_version,
        base_contract_id=event.base_contract_id,
        change_type=event.change_type,
        breaking_changes=tuple(change for change in event.changes if change.incompatible),
        status="pending",
        proposed_by=event.proposed_by,
        proposed_by_user_id=event.proposed_by_user_id,
        proposed_at=at,
        resolved_at=None,
        expires_at=wire_time(event.expires_at),
        updated_at=at,
        affected=event.affected,
        acknowledgments=event.carried,
        objections=(),
        supersedes=event.supersedes,
        superseded_by=None,
    )


def _changed(body: ProposalBody, event: e.AnyEvent, at: str) -> ProposalBody:
    body = msgspec.structs.replace(body, updated_at=at)
    match event:
        case e.ProposalAcknowledged():
            return msgspec.structs.replace(body, acknowledgments=(*body.acknowledgments, event.acknowledgment))
        case e.ProposalObjected():
            return msgspec.structs.replace(body, objections=(*body.objections, event.objection))
        case e.ProposalRebased():
            return msgspec.structs.replace(
                body,
                base_contract_id=event.base_contract_id,
                change_type=event.change_type,
                proposed_version=event.proposed_version,
                breaking_changes=tuple(change for change in event.changes if change.incompatible),
                acknowledgments=event.acknowledgments,
                status="pending" if event.reopened else body.status,
                resolved_at=None if event.reopened else body.resolved_at,
            )
        case e.ProposalWithdrawn():
            body = msgspec.structs.replace(body, superseded_by=event.superseded_by)
    status = next((status for kind, status in _CLOSING.items() if isinstance(event, kind)), body.status)
    return msgspec.structs.replace(body, status=status, resolved_at=at)
