"""What the clients of a round do: random commands and reads on the same few things, over HTTP."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

COLUMNS = "abcd"
Request = tuple[str, str, dict[str, Any], Any]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `target` is the id that its path names (the name of a new asset), the rest as its kind needs it."""

    kind: str
    target: str
    team: str = ""
    other: str = ""
    text: str = ""
    columns: frozenset[str] = frozenset()
    version: tuple[int, int, int] | None = None
    forced: bool = False


class Board:
    """What the clients of a round know: ids that somebody was told. Shared, as in a team's channel."""

    def __init__(self, names: list[str], teams: list[str]) -> None:
        self.names, self.teams = names, teams
        self.assets: list[str] = []
        self.proposals: list[str] = []
        self.registrations: list[str] = []
        self.edges: list[tuple[str, str]] = []


def drawn(dice: Random, board: Board) -> Operation:
    """Something to do, of all that can be done with what is known by now."""
    kinds = [kind for kind, weight in WEIGHTS.items() for _ in range(weight) if _possible(kind, board)]
    return DRAWS[dice.choice(kinds)](dice, board)


# `read` reads an asset, and so on: how often each is drawn. Deletions would end the round early if they were frequent.
WEIGHTS = {
    "create": 1, "delete": 1, "restore": 2, "describe": 3, "depend": 2, "part": 1, "register": 4,
    "change registration": 3, "end registration": 1, "publish": 8, "acknowledge": 9, "object": 2, "withdraw": 1,
    "force": 1, "publish proposal": 3, "read asset": 3, "read contracts": 3, "read registrations": 2,
    "read proposal": 4,
}  # fmt: skip
OF_PROPOSAL = ("acknowledge", "object", "withdraw", "force", "publish proposal", "read proposal")
OF_REGISTRATION = ("change registration", "end registration")


def _possible(kind: str, board: Board) -> bool:
    if kind in OF_PROPOSAL:
        return bool(board.proposals)
    if kind in OF_REGISTRATION:
        return bool(board.registrations)
    return bool(board.edges) if kind == "part" else kind == "create" or bool(board.assets)


def _create(dice: Random, board: Board) -> Operation:
    name = dice.choice(board.names)
    owner = board.teams[board.names.index(name) % 2]
    return Operation(kind="create", target=name, team=owner, text=dice.choice(["new", "old"]))


def _on_asset(kind: str) -> Callable[[Random, Board], Operation]:
    return lambda dice, board: Operation(kind=kind, target=dice.choice(board.assets))


def _describe(dice: Random, board: Board) -> Operation:
    return Operation(kind="describe", target=dice.choice(board.assets), text=dice.choice(["new", "old", "other"]))


def _depend(dice: Random, board: Board) -> Operation:
    return Operation(kind="depend", target=dice.choice(board.assets), other=dice.choice(board.assets))


def _part(dice: Random, board: Board) -> Operation:
    asset, edge = dice.choice(board.edges)
    return Operation(kind="part", target=asset, other=edge)


def _register(dice: Random, board: Board) -> Operation:
    return Operation(kind="register", target=dice.choice(board.assets), team=dice.choice(board.teams))


def _change_registration(dice: Random, board: Board) -> Operation:
    status = dice.choice(["active", "migrating", "inactive"])
    return Operation(kind="change registration", target=dice.choice(board.registrations), text=status)


def _end_registration(dice: Random, board: Board) -> Operation:
    return Operation(kind="end registration", target=dice.choice(board.registrations))


def _publish(dice: Random, board: Board) -> Operation:
    return Operation(
        kind="publish",
        target=dice.choice(board.assets),
        team=board.teams[0],
        columns=frozenset(dice.sample(COLUMNS, dice.randint(1, 4))),
        version=(dice.randint(1, 4), dice.randint(0, 2), 0) if dice.random() < 0.2 else None,
        forced=dice.random() < 0.1,
    )


def _on_proposal(kind: str) -> Callable[[Random, Board], Operation]:
    def draw(dice: Random, board: Board) -> Operation:
        response = dice.choice(["approved", "approved", "approved", "migrating", "blocked"])
        # The latest proposal is the one that people talk about.
        target = board.proposals[-1] if dice.random() < 0.7 else dice.choice(board.proposals)
        return Operation(kind=kind, target=target, team=dice.choice(board.teams), text=response)

    return draw


DRAWS: dict[str, Callable[[Random, Board], Operation]] = {
    "create": _create,
    "describe": _describe,
    "depend": _depend,
    "part": _part,
    "register": _register,
    "change registration": _change_registration,
    "end registration": _end_registration,
    "publish": _publish,
    **{kind: _on_asset(kind) for kind in ("delete", "restore", "read asset", "read contracts", "read registrations")},
    **{kind: _on_proposal(kind) for kind in OF_PROPOSAL},
}


def request(op: Operation) -> Request:
    """Method, path, query and body of an operation."""
    asset, proposal, registration = f"/assets/{op.target}", f"/proposals/{op.target}", f"/registrations/{op.target}"
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in sorted(op.columns)}}
    force = {"force": "true", "force_reason": "because of the round"} if op.forced else {}
    version = ".".join(map(str, op.version)) if op.version else None
    requests: dict[str, Request] = {
        "create": ("POST", "/assets", {}, {"fqn": op.target, "owner_team_id": op.team, "description": op.text}),
        "delete": ("DELETE", asset, {}, None),
        "restore": ("POST", asset + "/restore", {}, None),
        "describe": ("PATCH", asset, {}, {"description": op.text}),
        "depend": ("POST", asset + "/dependencies", {}, {"depends_on_asset_id": op.other}),
        "part": ("DELETE", f"{asset}/dependencies/{op.other}", {}, None),
        "register": ("POST", "/registrations", {}, {"asset_id": op.target, "consumer_team_id": op.team}),
        "change registration": ("PATCH", registration, {}, {"status": op.text}),
        "end registration": ("DELETE", registration, {}, None),
        "publish": (
            "POST", asset + "/publish", {"published_by": op.team, **force}, {"schema": schema, "version": version}
        ),
        "acknowledge": (
            "POST", proposal + "/acknowledge", {}, {"consumer_team_id": op.team, "response": op.text}
        ),
        "object": ("POST", proposal + "/object", {"objector_team_id": op.team}, {"reason": "no"}),
        "withdraw": ("POST", proposal + "/withdraw", {}, None),
        "force": ("POST", proposal + "/force", {}, None),
        "publish proposal": ("POST", proposal + "/publish", {}, {"published_by": op.team}),
        "read asset": ("GET", asset, {}, None),
        "read contracts": ("GET", asset + "/contracts", {}, None),
        "read registrations": ("GET", "/registrations", {"asset_id": op.target}, None),
        "read proposal": ("GET", proposal, {}, None),
    }  # fmt: skip
    return requests[op.kind]


def learned(op: Operation, status: int, body: Any, board: Board) -> None:
    """Tell the others the ids that an answer named."""
    if status not in (200, 201):
        return
    if op.kind == "create" and body["id"] not in board.assets:
        board.assets.append(body["id"])
    elif op.kind == "register":
        board.registrations.append(body["id"])
    elif op.kind == "depend":
        board.edges.append((op.target, body["id"]))
    elif op.kind == "publish" and "proposal" in body:
        board.proposals.append(body["proposal"]["id"])
