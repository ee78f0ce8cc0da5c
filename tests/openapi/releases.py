"""Releases of real descriptions in order: previewed, synced, synced again; each answer is held against the others."""

import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from adapters.cli.descriptions import description
from adapters.cli.files import Failed
from tests import corpora
from tests.conftest import Server
from tests.openapi.worlds import Apis
from tests.syncs import PROPOSE

_OPTIONS = {**PROPOSE, "auto_delete": True, "delete_consumed": True, "publish_unconsumed": True}


def step(apis: Apis, text: bytes) -> dict[str, Any]:
    """Preview, sync and sync again one document; fails where the answers differ. Returns the sync's answer."""
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
    done: dict[str, Any] = answers["sync"]
    return done


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
                apis = Apis(server, server.target)
                for path in group:
                    started = time.monotonic()
                    try:
                        done = step(apis, description(str(path)))
                        said = f"{done['endpoints_processed']} operations, {len(done['parse_errors'])} unread"
                    except (AssertionError, Failed) as error:
                        said = f"NOT: {str(error)[:300]}"
                    print(f"{path.parent.name}/{path.name}: {said} ({time.monotonic() - started:.1f} s)", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
