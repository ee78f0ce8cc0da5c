"""`given(events).when(command).then(events or a refusal)`: each rule of the domain in three lines."""

from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from adapters.contract_engine import ENGINE
from domain import answering, asset, contracts, curation, directory, registrations, teams
from domain import commands as c
from domain import events as e
from domain.context import Context
from domain.errors import Refused
from domain.manual_publishing import Published, Surroundings, publish
from domain.schema.canonical import digest
from domain.schema.change import Direction, Mode
from domain.values import Object

AT = datetime(2026, 11, 24, tzinfo=UTC)
CONTEXT = Context(at=AT, actor=e.Actor(type="system"), seed="seed", engine=ENGINE)
ASSET, OTHER = "asset-orders", "asset-report"
SHOP, FINANCE, SALES = "team-shop", "team-finance", "team-sales"

Command: TypeAlias = (
    curation.AssetCommand
    | contracts.ContractCommand
    | answering.ProposalCommand
    | c.TeamCommand
    | c.RegisterConsumer
    | c.UpdateRegistration
    | c.EndRegistration
    | c.PublishContract
    | c.PublishProposal
)
# Every schema that a test names, by digest: what the store would know.
SCHEMAS: dict[str, Object] = {}


class Refusal(msgspec.Struct, frozen=True):
    """A refusal that a test expects: its code, and words that people search for in its detail (api.md 1.3)."""

    code: str
    words: str = ""


class Then:
    """What a command led to."""

    def __init__(self, events: list[e.AnyEvent] | None, refused: Refused | None, published: Published | None) -> None:
        self._events, self._refused = events, refused
        self._published = published

    def then(self, *expected: e.AnyEvent | Refusal) -> "Then":
        """Exactly these events, or this refusal."""
        if expected and isinstance(expected[0], Refusal):
            assert self._refused is not None, self._events
            assert (self._refused.code, expected[0].words in self._refused.detail) == (expected[0].code, True)
        else:
            assert self._refused is None, self._refused
            assert self._events == list(expected)
        return self

    @property
    def events(self) -> list[e.AnyEvent]:
        assert self._events is not None, self._refused
        return self._events

    @property
    def details(self) -> Object:
        assert self._refused is not None
        return self._refused.details

    @property
    def published(self) -> Published:
        """What came of a publication by hand."""
        assert self._published is not None, self._refused
        return self._published


class Given:
    """A catalog with a history."""

    def __init__(self, events: tuple[e.AnyEvent, ...]) -> None:
        self.directory = directory.replay([each for each in events if isinstance(each, e.DirectoryEvent)])
        self.asset = asset.replay(ASSET, [each for each in events if isinstance(each, e.AssetEvent)])

    def when(self, command: Command) -> Then:
        try:
            return self._decided(command)
        except Refused as refused:
            return Then(None, refused, None)

    def _decided(self, command: Command) -> Then:
        match command:
            case c.CreateTeam() | c.UpdateTeam() | c.DeleteTeam() | c.RestoreTeam():
                return Then([*teams.decide(self.directory, command, CONTEXT)], None, None)
            case c.RegisterConsumer():
                return Then([*registrations.register(self.asset, command, self.directory, CONTEXT)], None, None)
            case c.PublishContract():
                SCHEMAS[digest(command.schema)] = command.schema
                made = publish(self.asset, command, Surroundings(schemas=SCHEMAS), CONTEXT)
                return Then([*made.events], None, made)
            case c.UpdateGuarantees() | c.RetireContract():
                return Then([*contracts.decide(self.asset, command, SCHEMAS, CONTEXT)], None, None)
            case c.UpdateRegistration():
                return Then([*registrations.update(self.asset, command)], None, None)
            case c.EndRegistration():
                return Then([*registrations.end(self.asset, command)], None, None)
            case c.PublishProposal():
                published = answering.publish(self.asset, command, SCHEMAS, self.directory, CONTEXT)
                return Then([*published], None, None)
        if isinstance(command, answering.ProposalCommand):
            return Then([*answering.decide(self.asset, command, self.directory, CONTEXT)], None, None)
        return Then([*curation.decide(self.asset, command, self.directory, CONTEXT)], None, None)


def given(*events: e.AnyEvent) -> Given:
    """A catalog of the teams shop, finance and sales, in which this happened (all asset events: to one asset)."""
    known = [e.TeamCreated(team_id=id, name=id.removeprefix("team-")) for id in (SHOP, FINANCE, SALES)]
    return Given((*known, *events))


def created(**members: object) -> e.AssetCreated:
    """The asset `db.orders` of team shop."""
    known: dict[str, object] = {"fqn": "db.orders", "environment": "production", "owner_team_id": SHOP}
    return msgspec.convert({**known, "resource_type": "model", **members, "tag": "asset-created"}, e.AssetCreated)


def contract(
    version: str,
    schema: Object,
    *,
    mode: Mode = Mode.backward,
    direction: Direction | None = None,
    guarantees: Object | None = None,
) -> e.ContractPublished:
    """A published version, with the id `contract-VERSION`."""
    SCHEMAS[digest(schema)] = schema
    return e.ContractPublished(
        contract_id=f"contract-{version}",
        version=version,
        schema_digest=digest(schema),
        mode=mode,
        direction=direction,
        guarantees=guarantees,
        published_by=SHOP,
    )


def registered(team: str, **members: str) -> e.RegistrationCreated:
    """A consumer of the asset, with the id `registration-TEAM`."""
    return e.RegistrationCreated(registration_id=f"registration-{team}", consumer_team_id=team, **members)  # type: ignore[arg-type]
