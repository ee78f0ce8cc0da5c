"""Events in words: each as the lines that a person reads in a history."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from adapters.cli.client import entries, part
from adapters.cli.printing import counted, listed
from domain.ids import first_edge

Entry: TypeAlias = Mapping[str, object]


class Naming(Protocol):
    """Who and what the ids in events stand for."""

    def team(self, id: object, at: object) -> str: ...

    def asset(self, id: object, at: object) -> str: ...


_FIELDS = {
    "owner_user_id": "responsible person",
    "resource_type": "type",
    "guarantee_mode": "guarantee mode",
    "semver_mode": "version mode",
    "declared": "what the project says of it",
    "declares": "what the project says of it",
    "undeclares": "what the project says of it",
    "metadata": "what people say of it",
    "referred": "declared, not only referred to",
}
_UNSAID = ("tag", "source", "owner_team_id")
_MAKING = (
    "contract.published",
    "contract.force_published",
    "registration.created",
    "proposal.created",
    "dependency.created",
)


class Story:
    """The events of one asset, oldest first, told one by one."""

    def __init__(self, events: Sequence[Entry], names: Naming) -> None:
        self._names = names
        self._made: dict[object, Entry] = {}
        for event in events:
            if str(event["action"]) in _MAKING:
                self._made.setdefault(event["entity_id"], part(event, "payload"))
            if str(event["action"]) == "asset.created":
                for place, id in enumerate(_upstream(part(event, "payload"))):
                    self._made[first_edge(str(event["entity_id"]), place)] = {"upstream_id": id}

    def told(self, event: Entry) -> list[str]:
        """The lines of one event: what happened, then each detail."""
        kind, _, verb = str(event["action"]).partition(".")
        payload = part(event, "payload")
        tellers = {
            "asset": self._asset,
            "contract": self._contract,
            "registration": self._registration,
            "proposal": self._proposal,
            "dependency": self._dependency,
            "audit_run": self._audit_run,
        }
        lines = tellers[kind](verb, event, payload) if kind in tellers else [str(event["action"])]
        return [*lines, *(f"  {_mark(change)}{change['message']}" for change in entries(payload, "changes"))]

    def _before(self, event: Entry, member: str) -> object:
        """A member of the event that made the contract, registration, proposal or dependency of this event."""
        return self._made.get(event["entity_id"], {}).get(member, event["entity_id"])

    def _asset(self, verb: str, event: Entry, payload: Entry) -> list[str]:
        if verb in ("deleted", "restored"):
            return [f"asset {verb}"]
        if verb == "moved":
            return [f"moved from {payload['from_fqn']}", f"  to {payload['to_fqn']}"]
        owner = ""
        if "owner_team_id" in payload:
            owner = self._names.team(payload["owner_team_id"], event["occurred_at"])
        if verb == "created":
            upstream = [self._names.asset(id, event["occurred_at"]) for id in _upstream(payload)]
            return [f"{payload['resource_type']} declared, of {owner}", *(f"depends on {each}" for each in upstream)]
        fields = [*dict.fromkeys(_FIELDS.get(name, name) for name in payload if name not in _UNSAID)]
        changed = [f"changed: {listed(fields)}"] if fields else []
        return [f"handed over to {owner}", *changed] if owner else changed

    def _contract(self, verb: str, event: Entry, payload: Entry) -> list[str]:
        if "version" not in payload:
            return [f"contract {self._before(event, 'version')} {verb.replace('_', ' ')}"]
        kind = payload.get("change_type") or "the first"
        agreed = ", as proposed" if payload.get("proposal_id") else ""
        forced = f", by force: {payload['force_reason']}" if payload.get("force_reason") else ""
        return [f"contract {payload['version']} published ({kind}){agreed}{forced}"]

    def _registration(self, verb: str, event: Entry, payload: Entry) -> list[str]:
        team = self._names.team(self._before(event, "consumer_team_id"), event["occurred_at"])
        if verb == "deleted":
            return [f"{team} no longer relies on it"]
        if verb == "updated":
            return [f"{team} is now {listed(_stance(payload))}"]
        origins = {"meta": " (as meta says)", "ref": " (its models refer to it)"}
        return [f"{team} relies on it{origins.get(str(payload.get('origin')), '')}"]

    def _proposal(self, verb: str, event: Entry, payload: Entry) -> list[str]:
        version = self._before(event, "proposed_version")
        if verb == "created":
            number = sum(1 for change in entries(payload, "changes") if _mark(change))
            return [f"contract {version} proposed: {counted(number, 'breaking change')}"]
        if verb == "acknowledged":
            answer = part(payload, "acknowledgment")
            team = self._names.team(answer["consumer_team_id"], event["occurred_at"])
            notes = f": {answer['notes']}" if answer.get("notes") else ""
            return [f"{team} answers to {version}: {answer['response']}{notes}"]
        forced = f", by force: {payload['forced_reason']}" if payload.get("forced_reason") else ""
        newer = ", a newer one takes its place" if payload.get("superseded_by") else ""
        return [f"proposal of {version} {verb.replace('_', ' ')}{forced}{newer}"]

    def _audit_run(self, verb: str, event: Entry, payload: Entry) -> list[str]:
        failed, checked = int(str(payload.get("failed") or 0)), payload.get("checked") or 0
        more = f", {failed} of {checked} guarantees failed" if failed else ""
        return [f"audit run of {payload['triggered_by']} {payload['status']}{more}"]

    def _dependency(self, verb: str, event: Entry, payload: Entry) -> list[str]:
        upstream = self._names.asset(self._before(event, "upstream_id"), event["occurred_at"])
        return [f"depends on {upstream}" if verb == "created" else f"no longer depends on {upstream}"]


def _upstream(payload: Entry) -> list[object]:
    """What an asset came to be with: these edges have no events of their own."""
    types = payload.get("upstream")
    return [id for ids in types.values() for id in ids] if isinstance(types, dict) else []


def _stance(payload: Entry) -> list[str]:
    """How a consumer relies on an asset after a change of its registration: what of it changed."""
    said = [str(payload["status"])] if "status" in payload else []
    if "pinned_version" in payload:
        pinned = payload["pinned_version"]
        said.append(f"pinned to {pinned}" if pinned else "no longer pinned")
    return said


def _mark(change: Entry) -> str:
    return "breaking: " if change["verdict"] in ("breaking", "unknown") else ""
