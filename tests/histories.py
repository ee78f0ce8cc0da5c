"""Random histories: appends of events as they may follow each other, of every kind that there is."""

from datetime import UTC, datetime, timedelta
from random import Random

from msgspec import UNSET

from adapters.catalog import Catalog, Outcome
from domain import events as e
from domain.asset import Asset, evolve
from domain.ids import DIRECTORY, audit_runs_stream, source_stream
from domain.schema.change import Change, ChangeKind, Direction, Mode, Verdict
from domain.values import Object

START = datetime(2026, 11, 24, tzinfo=UTC)
SCHEMA = "sha256:s"
USER = "00000000-0000-4000-8000-0000000000aa"
ENVIRONMENTS = ("production", "staging")
KEY_ID = "00000000-0000-4000-8000-0000000000a1"


class UnsteadyClock:
    """A clock that goes on, and sometimes back."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._now = START

    def now(self) -> datetime:
        self._now += timedelta(seconds=self._random.uniform(-60, 90), microseconds=self._random.randrange(2))
        return self._now

    def seed(self) -> str:
        return str(self._random.random())


class History:
    """Grows a catalog by random appends. What it writes keeps the rules that the views' unique indexes keep."""

    def __init__(self, catalog: Catalog, random: Random) -> None:
        self._catalog, self._random = catalog, random
        self._versions: dict[str, int] = {}
        self._teams: dict[str, str | None] = {}
        self._assets: dict[str, Asset] = {}
        self._users: dict[str, bool] = {}
        self._keys: list[str] = []
        self._webhooks: list[str] = []
        self._made = 0

    def append(self) -> None:
        """One append of a few steps; the same stream may be met more than once."""
        events: dict[str, tuple[int, list[e.AnyEvent]]] = {}
        for _ in range(self._random.choice((1, 1, 2, 6))):
            for stream, event in self._step():
                before, listed = events.setdefault(stream, (self._versions.get(stream, -1), []))
                listed.append(event)
                if isinstance(event, e.AssetEvent):
                    self._assets[stream] = evolve(self._assets.get(stream, Asset(id=stream)), event)
        if not events:
            return self.append()
        for stream, (before, listed) in events.items():
            self._versions[stream] = before + len(listed)
        actor = self._random.choice((e.Actor(type="system"), e.Actor(type="api_key", id=KEY_ID, team_id="t1")))
        request = self._random.choice((None, "r-1"))
        self._catalog.commit(lambda: (Outcome(events=events, schemas={SCHEMA: b"{}"}), None), actor, request)

    def _step(self) -> list[tuple[str, e.AnyEvent]]:
        living = [asset for asset in self._assets.values() if not asset.deleted]
        if len(self._teams) < 2 or self._random.random() < 0.15:
            return [(DIRECTORY, self._team())]
        if len(living) < 2 or self._random.random() < 0.15:
            return [(self._id(), self._created())]
        if self._random.random() < 0.06:
            return [self._bulk() if self._random.random() < 0.3 else (DIRECTORY, self._user())]
        if self._random.random() < 0.1:
            return [self._random.choice((self._key, self._key, self._webhook, self._synced, self._synced))()]
        if self._random.random() < 0.05:
            return self._returns()
        asset = self._random.choice(living)
        if self._random.random() < 0.1:
            return [(audit_runs_stream(asset.id), self._audit_run(asset))]
        steps = (
            self._fields,
            self._name,
            self._edge,
            self._contract,
            self._registration,
            self._proposal,
            self._proposal,
        )
        return [(asset.id, event) for event in self._random.choice(steps)(asset)] or self._returns()

    def _id(self) -> str:
        self._made += 1
        return f"{self._made:08x}-0000-4000-8000-{self._random.getrandbits(48):012x}"

    def _named(self, kind: str) -> str:
        self._made += 1
        return f"{kind}{self._made}"

    def _perhaps(self, value: Object) -> Object | None:
        return self._random.choice((None, value))

    def _some_team(self) -> str:
        return self._random.choice(list(self._teams))

    def _team(self) -> e.DirectoryEvent:
        name = self._named("Team ")
        known = self._random.choice([*self._teams, ""])
        if known and self._random.random() < 0.6:
            if self._teams[known] is None:
                self._teams[known] = name
                return e.TeamRestored(team_id=known)
            if self._random.random() < 0.3:
                self._teams[known] = None
                return e.TeamDeleted(team_id=known, forced=True)
            return (
                e.TeamUpdated(team_id=known, name=name) if self._made % 2 else e.TeamUpdated(team_id=known, metadata={})
            )
        made = self._id()
        self._teams[made] = name
        return e.TeamCreated(team_id=made, name=name, metadata={"n": self._made})

    def _user(self) -> e.UserEvent:
        r = self._random
        known = r.choice([*self._users, ""])
        if not known:
            made = self._id()
            self._users[made] = True
            team = r.choice((None, self._some_team()))
            return e.UserCreated(user_id=made, user_type=r.choice(("human", "bot")), team_id=team, metadata={"n": 1.5})
        active, changes = self._users[known], r.random() < 0.5
        if active and changes:
            changed = e.UserUpdated(user_id=known, names=("name",), role="admin")
            moved = e.UserUpdated(user_id=known, team_id=r.choice((None, self._some_team())))
            return r.choice((changed, moved, e.UserUpdated(user_id=known, notification_preferences={"mail": True})))
        if active or changes:
            self._users[known] = False
            return e.UserDeactivated(user_id=known, erased=not active)
        self._users[known] = True
        return e.UserReactivated(user_id=known)

    def _bulk(self) -> tuple[str, e.BulkEvent]:
        made, teams = self._id(), (self._some_team(), self._some_team())
        if self._random.random() < 0.5:
            return made, e.OwnerAssigned(bulk_id=made, asset_ids=tuple(self._assets))
        return made, e.AssetsReassigned(bulk_id=made, from_team_id=teams[0], to_team_id=teams[1])

    def _key(self) -> tuple[str, e.AnyEvent]:
        if self._keys and self._random.random() < 0.4:
            gone = self._keys.pop()
            return gone, e.ApiKeyRevoked(key_id=gone)
        made = self._id()
        self._keys.append(made)
        expires = self._random.choice((None, START))
        return made, e.ApiKeyCreated(
            key_id=made,
            prefix="mnm_x",
            digest=made,
            name="ci",
            team_id=self._some_team(),
            scopes=("read",),
            expires_at=expires,
        )

    def _webhook(self) -> tuple[str, e.AnyEvent]:
        if self._webhooks and self._random.random() < 0.4:
            gone = self._webhooks.pop()
            return gone, e.WebhookDeleted(webhook_id=gone)
        made = self._id()
        self._webhooks.append(made)
        return made, e.WebhookRegistered(webhook_id=made, url="https://hooks.example/", events=("contract.published",))

    def _synced(self) -> tuple[str, e.AnyEvent]:
        stream = source_stream("dbt", "shop", "production")
        digest = f"sha256:{self._made}"
        return stream, e.SourceSynced(
            sync_id=self._id(), kind="dbt", key="shop", environment="production", document_digest=digest
        )

    def _audit_run(self, asset: Asset) -> e.AuditRunReported:
        r = self._random
        results = tuple(
            e.GuaranteeResult(guarantee_id=f"g{n}", passed=r.random() < 0.5, rows_failed=r.choice((None, 0)))
            for n in range(r.randrange(3))
        )
        return e.AuditRunReported(
            audit_run_id=self._id(),
            asset_id=asset.id,
            status=r.choice(("passed", "failed", "partial")),
            triggered_by=r.choice(("dbt_test", "soda")),
            run_at=START + timedelta(minutes=r.randrange(-50_000, 50_000)),
            checked=r.randrange(3),
            failed=r.randrange(3),
            contract_version=r.choice((None, "1.0.0")),
            run_id=r.choice((None, "ci-1")),
            results=r.choice((None, results)),
        )

    def _created(self) -> e.AnyEvent:
        item = self._named("item")
        source = self._random.choice((None, e.SourceRef(kind="dbt", key="shop", item=item)))
        return e.AssetCreated(
            fqn=f"Db.{item}",
            environment=self._random.choice(ENVIRONMENTS),
            owner_team_id=self._some_team(),
            resource_type="model",
            declared=self._perhaps({"a": 1}),
            metadata=self._perhaps({"a": {"b": [1, None]}}),
            tags=tuple(self._random.sample(("x", "y", "z"), 2)),
            source=source,
            upstream=self._upstream(),
        )

    def _upstream(self) -> dict[str, tuple[str, ...]]:
        """Edges of one or two types to some of the assets that there are."""
        known = [*self._assets]
        some = {
            type: self._random.sample(known, min(len(known), self._random.randrange(4)))
            for type in ("references", "transforms")
        }
        return {type: tuple(ids) for type, ids in some.items() if ids}

    def _fields(self, asset: Asset) -> list[e.AssetEvent]:
        r = self._random
        changes = (
            e.AssetUpdated(owner_team_id=self._some_team(), description=r.choice((None, "words"))),
            e.AssetUpdated(metadata={"m": r.random()}, tags=("t",)),
            self._declaring(r.randrange(9)),
            e.AssetUpdated(declared={}, metadata={"kept": True}, guarantee_mode="strict", semver_mode="enforce"),
        )
        return [r.choice(changes)]

    def _declaring(self, number: int) -> e.AssetUpdated:
        """As a whole, or only what changed of it."""
        if number < 4:
            return e.AssetUpdated(declared={"d": number})
        return e.AssetUpdated(declares={"e": number, "m": None}, undeclares=("d",) if number < 7 else UNSET)

    def _name(self, asset: Asset) -> list[e.AssetEvent]:
        if self._random.random() < 0.3:
            return [e.AssetDeleted()]
        environment = self._random.choice(ENVIRONMENTS)
        moved = e.AssetMoved(
            from_fqn=asset.fqn,
            to_fqn="db." + self._named("moved"),
            from_environment=asset.environment,
            to_environment=environment,
        )
        return [moved]

    def _returns(self) -> list[tuple[str, e.AnyEvent]]:
        gone = [asset.id for asset in self._assets.values() if asset.deleted]
        return [(self._random.choice(gone), e.AssetRestored())] if gone else []

    def _edge(self, asset: Asset) -> list[e.AssetEvent]:
        if asset.dependencies and self._random.random() < 0.4:
            return [e.DependencyRemoved(dependency_id=asset.dependencies[0].id)]
        upstream, origin = self._random.choice(list(self._assets)), self._random.choice(("sync", "manual"))
        if any(edge.upstream_id == upstream for edge in asset.dependencies):
            return []
        made = self._id()
        return [e.DependencyAdded(dependency_id=made, upstream_id=upstream, type="consumes", origin=origin)]

    def _contract(self, asset: Asset) -> list[e.AssetEvent]:
        active = asset.active_contract
        if active is not None and self._random.random() < 0.2:
            return [e.ContractGuaranteesUpdated(contract_id=active.id, guarantees=self._perhaps({"custom": []}))]
        if active is not None and self._random.random() < 0.3:
            some = self._random.choice([c for c in asset.contracts if c.status != "retired"])
            return [e.ContractRetired(contract_id=some.id)]
        published = e.ContractPublished(
            contract_id=self._id(),
            version=f"{self._made}.0.0",
            schema_digest=SCHEMA,
            mode=self._random.choice(list(Mode)),
            published_by=self._some_team(),
            published_by_user_id=self._random.choice((None, USER)),
            direction=self._random.choice((None, Direction.produced)),
            guarantees=self._perhaps({"volume": {"min_rows": 1}, "custom": []}),
            field_tags={"$.properties.a": ("pii",)},
            change_type=self._random.choice((None, ChangeKind.minor)),
            changes=self._changes(),
            force_reason=self._random.choice((None, "because")),
        )
        return [published, e.ContractDeprecated(contract_id=active.id)] if active else [published]

    def _changes(self) -> tuple[Change, ...]:
        return tuple(
            Change(
                type="type_changed", path="a", message="m", old_value={"x": 1}, pointer="/a", rule="r", verdict=verdict
            )
            for verdict in self._random.sample(list(Verdict), 2)
        )

    def _registration(self, asset: Asset) -> list[e.AssetEvent]:
        team = self._some_team()
        standing = {each.consumer_team_id: each.id for each in asset.registrations}
        if team in standing or (standing and self._random.random() < 0.3):
            ended = standing.get(team) or next(iter(standing.values()))
            if self._random.random() < 0.4:
                status, pinned = (
                    self._random.choice((UNSET, "migrating", "inactive")),
                    self._random.choice((None, "1.1.0")),
                )
                return [e.RegistrationUpdated(registration_id=ended, status=status, pinned_version=pinned)]
            return [e.RegistrationEnded(registration_id=ended, by_person=self._random.random() < 0.5)]
        made = self._id()
        return [e.RegistrationCreated(registration_id=made, consumer_team_id=team, pinned_version="1.0.0")]

    def _proposal(self, asset: Asset) -> list[e.AssetEvent]:
        pending, id = asset.pending_proposal, self._id()
        if pending is None:
            approved = next((p for p in asset.proposals if p.status == "approved"), None)
            if approved is not None and self._random.random() < 0.5:
                return [e.ProposalPublished(proposal_id=approved.id, contract_id="c")]
            return [self._proposed(id)]
        answer = e.Acknowledgment(
            acknowledgment_id=self._id(),
            consumer_team_id=self._some_team(),
            response="approved",
            responded_at=START,
        )
        outcomes: tuple[e.AssetEvent, ...] = (
            e.ProposalAcknowledged(proposal_id=pending.id, acknowledgment=answer),
            e.ProposalObjected(
                proposal_id=pending.id,
                objection=e.Objection(team_id=self._some_team(), reason="r", objected_at=START),
            ),
            e.ProposalApproved(proposal_id=pending.id, forced=self._random.random() < 0.5),
            e.ProposalRejected(proposal_id=pending.id),
            e.ProposalWithdrawn(proposal_id=pending.id, superseded_by=self._random.choice((None, id))),
            e.ProposalExpired(proposal_id=pending.id),
            e.ProposalRebased(
                proposal_id=pending.id,
                base_contract_id="c",
                change_type=ChangeKind.minor,
                proposed_version="9.0.0",
                changes=self._changes(),
                acknowledgments=(answer,),
                reopened=self._random.random() < 0.5,
            ),
        )
        return [self._random.choice(outcomes)]

    def _proposed(self, id: str) -> e.ProposalCreated:
        affected = e.AffectedAsset(asset_id="a", asset_fqn="db.a", owner_team_id="t", dependency_type="consumes")
        return e.ProposalCreated(
            proposal_id=id,
            schema_digest=SCHEMA,
            mode=Mode.backward,
            proposed_by=self._some_team(),
            proposed_version="2.0.0",
            change_type=ChangeKind.major,
            expires_at=START + timedelta(days=30),
            guarantees=self._perhaps({"freshness": {}}),
            changes=self._changes(),
            affected=(affected,),
        )
