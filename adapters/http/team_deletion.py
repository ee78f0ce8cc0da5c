"""DELETE of a team (api.md 3.1, 4.2): its keys are revoked, its registrations end, all in one append."""

import msgspec

from adapters.catalog import Catalog, Outcome
from adapters.http.call import Answer, Call
from adapters.http.service import Asking, Command, now
from adapters.http.teams import require_revision
from adapters.log.protocol import Conflict
from domain import registrations, teams
from domain.commands import DeleteTeam
from domain.context import Context
from domain.events import AnyEvent, ApiKeyRevoked
from domain.ids import DIRECTORY
from projections import team_questions as q


class Forcing(msgspec.Struct, frozen=True, kw_only=True):
    """`force` leaves the team's assets behind, without an owner that exists."""

    force: bool = False


class Hanging(msgspec.Struct, frozen=True, kw_only=True):
    """What hangs on a team: how many assets it owns, the assets that it is registered on, its keys."""

    assets: int
    registered_on: tuple[str, ...]
    keys: tuple[str, ...]


def _hanging(asking: Asking, id: str) -> Hanging:
    return Hanging(
        assets=int(str(asking.rows(q.OWNED, id=id)[0][0])),
        registered_on=tuple(str(row[0]) for row in asking.rows(q.REGISTERED_ON, id=id)),
        keys=tuple(str(row[0]) for row in asking.rows(q.KEYS, id=id)),
    )


def delete(call: Call) -> Command[Hanging]:
    id, force = call.id("team_id"), call.query(Forcing).force

    def decide(catalog: Catalog, context: Context) -> tuple[Outcome, Hanging]:
        directory = catalog.directory()
        require_revision(call, catalog, teams.known_team(directory, id))
        hanging = now(catalog.log, lambda asking: _hanging(asking, id))
        command = DeleteTeam(team_id=id, assets=hanging.assets, force=force)
        events: dict[str, tuple[int, list[AnyEvent]]] = {
            DIRECTORY: (directory.version, [*teams.decide(directory, command, context)])
        }
        for state in catalog.states(hanging.registered_on).values():
            events[state.id] = (state.version, [*registrations.end_of_team(state, id)])
        for key, version in catalog.log.versions(hanging.keys).items():
            events[key] = (version, [ApiKeyRevoked(key_id=key)])
        return Outcome(events=events), hanging

    def render(asking: Asking, hanging: Hanging) -> Answer:
        left = _hanging(asking, id)
        if left != Hanging(assets=hanging.assets, registered_on=(), keys=()):
            # Somebody registered it, or gave it a key or an asset, before the append: that goes too, or refuses this.
            raise Conflict(f"team {id} got more meanwhile")
        return Answer(status=204)

    return Command(decide=decide, render=render)
