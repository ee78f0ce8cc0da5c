"""Releases of real descriptions in order: previewed, synced, synced again; each answer is held against the others.

And against a comparison of the two releases without a catalog, in which no pair of schemas is remembered.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from adapters.cli.descriptions import description
from adapters.cli.files import Failed
from adapters.patterns import Patterns
from adapters.proofs import Validators
from adapters.sources.openapi import Naming, read
from domain.schema.meaning import Engine
from domain.sync.pairs import changes_between
from domain.sync.spec import Document
from tests import corpora
from tests.conftest import Server
from tests.openapi.worlds import Apis
from tests.syncs import PROPOSE

_OPTIONS = {**PROPOSE, "auto_delete": True, "delete_consumed": True, "publish_unconsumed": True}


def step(apis: Apis, text: bytes, before: Document | None = None) -> dict[str, Any]:
    """Preview, sync and sync again one document; fails where the answers differ. Returns the sync's answer.

    `before` is the release that was synced last, if any.
    """
    document = msgspec.Raw(text)
    answers = {}
    counts = apis.sync_raw(document, 200, 207, 409, dry_run=True, **_OPTIONS)
    options: dict[str, Any] = dict(_OPTIONS)
    if counts.get("code") == "MASS_DELETE":
        options["expected_deletions"] = counts["details"]["count"]
    for name, sent in (("diff", {}), ("impact", {}), ("dry run", {"dry_run": True}), ("sync", {}), ("again", {})):
        path = f"/{name}" if name in ("diff", "impact") else ""
        answers[name] = apis.sync_raw(document, 200, 207, path=path, **{**(options if not path else {}), **sent})
    _agree(answers)
    now = released(text)
    if before is not None:
        _agree_with_comparison(before, now, answers["diff"])
    _agree_with_notes(apis, now, answers["sync"])
    done: dict[str, Any] = answers["sync"]
    return done


def released(text: bytes) -> Document:
    """A description, read as the syncs here have it read."""
    return read(text, Naming("api", "api"))


def _agree_with_comparison(before: Document, now: Document, diff: dict[str, Any]) -> None:
    names = {spec.item: spec.fqn for spec in (*before.specs, *now.specs)}
    alone = Engine(Patterns(), Validators(), None)
    expected = {
        names[item]: sorted((each.type, each.pointer, each.verdict.value) for each in found)
        for item, found in changes_between(before, now, alone).items()
    }
    known = {names[spec.item] for spec in before.specs}
    told = {
        entry["fqn"]: sorted((each["type"], each["pointer"], each["verdict"]) for each in entry["changes"])
        for entry in diff["endpoints"]
        if entry["changes"] and entry["fqn"] in known
    }
    assert told == expected


def _agree_with_notes(apis: Apis, now: Document, done: dict[str, Any]) -> None:
    """What is said of fields stands in the contracts (some of them)."""
    said = {spec.fqn: (spec.field_descriptions, spec.field_tags) for spec in now.specs}
    for each in done["contracts"]["details"][::50]:
        contract = apis.get(f"/contracts/{each['contract_id']}")
        assert (contract["field_descriptions"], contract["field_tags"]) == said[each["asset_fqn"]]


def _agree(answers: dict[str, Any]) -> None:
    diff, impact, told, done, again = (answers[each] for each in ("diff", "impact", "dry run", "sync", "again"))
    assert (again["position"], again["assets"]["created"]) == (None, 0), again["assets"]
    assert [e["action"] for e in told["endpoints"]] == [e["action"] for e in done["endpoints"]]
    assert told["assets"] == done["assets"]
    assert diff["parse_errors"] == impact["parse_errors"] == done["parse_errors"]
    broken = {e["fqn"]: e["breaking_changes"] for e in diff["endpoints"] if e["breaking_changes"]}
    assert broken == {r["fqn"]: r["breaking_changes"] for r in impact["results"] if not r["safe_to_publish"]}
    versions = {each["asset_fqn"]: each["version"] for each in done["contracts"]["details"]}
    for entry in diff["endpoints"]:
        if entry["fqn"] in versions:
            assert entry["suggested_version"] == versions[entry["fqn"]], entry
    actions = {e["fqn"]: e["action"] for e in done["endpoints"] if e["action"] != "error"}
    kinds = {"new": ("created", "restored"), "deleted": ("deleted",), "modified": ("updated",)}
    for entry in diff["endpoints"]:
        action = actions.get(entry["fqn"])
        allowed = kinds.get(entry["change_type"], ("unchanged", "updated"))
        assert action in allowed or entry["breaking_changes"] or action is None, (entry["fqn"], action)


def main() -> None:
    """Every description of the corpora, and every series. Prints a line for each and fails at the first difference."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "muniment.db", Path(folder))
        try:
            standing = {path for paths in corpora.releases() for path in paths}
            groups = [[path] for path in corpora.descriptions() if path not in standing] + corpora.releases()
            for group in groups:
                apis, before = Apis(server, server.target), None
                for path in group:
                    started = time.monotonic()
                    try:
                        text = description(str(path))
                        done, before = step(apis, text, before), released(text)
                        said = f"{done['endpoints_processed']} operations, {len(done['parse_errors'])} unread"
                    except (AssertionError, Failed) as error:
                        said = f"NOT: {str(error)[:300]}"
                    print(f"{path.parent.name}/{path.name}: {said} ({time.monotonic() - started:.1f} s)", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
