"""Real GraphQL schemas: previewed, synced, synced again; each answer is held against the appended events and GETs.

`python -m tests.adapters.test_graphql_corpora` does so with every schema of the corpora, and every series in order.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests import graphql_oracle as oracle
from tests.adapters import test_corpora as agreement
from tests.conftest import Server
from tests.graphql_edits import shaken
from tests.happenings import happened

pytestmark = pytest.mark.skipif(not oracle.CORPORA.exists(), reason="the shared corpora (../shared) are not here")
Answer = dict[str, Any]
OPTIONS = {**agreement.OPTIONS}
del OPTIONS["auto_register_consumers"]
SMALL = ("swapi/schema.graphql", "supergraph-demo/supergraph.graphql", "graphql-java/starWarsSchemaAnnotated.graphqls")


class Scene(agreement.Scene):
    """A server and one environment of it, into which GraphQL schemas are synced."""

    def post(self, path: str, text: bytes, *allowed: int, **options: Any) -> Answer:
        body = {"schema": text.decode(), "owner_team_id": self.team, "environment": self.environment}
        answer = self.api.post(path, json={**body, **OPTIONS, **options})
        assert answer.status_code in allowed, answer.text[:2000]
        return _as_of_models(answer.json())


def _as_of_models(answer: Answer) -> Answer:
    """The answer with the members that those of dbt have, which the checks read."""
    named = {"types": "models", "types_with_contracts": "models_with_contracts", "total_types": "total_models"}
    answer = {named.get(name, name): value for name, value in answer.items()}
    for entry in [*answer.get("models", []), *answer.get("results", [])]:
        entry["node_id"] = entry["type_name"]
    if isinstance(answer.get("would_be"), dict):
        answer["would_be"] = _as_of_models(answer["would_be"])
    return answer


def step(scene: Scene, text: bytes) -> Answer:
    """Preview and sync one schema; every answer must agree with what then happened."""
    before, past = scene.assets(), happened(scene.target)
    diff = scene.post("/sync/graphql/diff", text, 200)
    impact = scene.post("/sync/graphql/impact", text, 200)
    expected = diff["summary"]["deleted"]
    dry = scene.post("/sync/graphql", text, 200, 207, expected_deletions=expected, dry_run=True)
    head = scene.head()
    done = scene.post("/sync/graphql", text, 200, 207, expected_deletions=expected)
    now, after = happened(scene.target, head), scene.assets()
    agreement._agree_with_dry_run(dry, done)
    agreement._agree_with_events(done, now, after)
    agreement._agree_with_diff(scene, diff, now, before, after)
    agreement._agree_with_impact(impact, diff, past, now, {id: asset["fqn"] for id, asset in before.items()})
    again = scene.post("/sync/graphql", text, 200, 207, expected_deletions=0)
    assert again["position"] is None, again["assets"]
    assert scene.head() == (done["position"] or head)
    assert again["assets"]["unchanged"] + len(again["proposals"]["pending"]) >= again["assets"]["updated"]
    assert done["types_processed"] == len(after)
    return done


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "muniment.db", tmp_path)
    yield server
    server.stop()


@pytest.mark.parametrize("name", SMALL)
def test_previews_of_a_schema_say_what_its_sync_then_does(name: str, running: Server) -> None:
    scene, text = Scene(running, "production"), oracle.text(oracle.CORPORA / name)
    assert step(scene, text.encode())["assets"]["created"] > 0
    scene.register_readers()
    for seed in range(2):
        step(scene, shaken(text, seed, 10).encode())


def main() -> None:
    """Every schema of the corpora, and every series in order; far too long for each run of the tests."""
    paths = sorted(path for path in oracle.CORPORA.rglob("*") if oracle.is_schema(path))
    series = [sorted(folder.iterdir()) for folder in sorted(oracle.CORPORA.glob("series_*"))]
    alone = [[path] for path in paths if not path.parent.name.startswith("series_")]
    for number, several in enumerate([*series, *alone]):
        with TemporaryDirectory() as folder:
            server = Server(Path(folder) / "muniment.db", Path(folder))
            try:
                scene = Scene(server, f"corpus {number}")
                for n, path in enumerate(several):
                    done = step(scene, oracle.text(path).encode())
                    told = {name: count for name, count in done["assets"].items() if isinstance(count, int) and count}
                    print(path.relative_to(oracle.CORPORA), told, flush=True)
                    if n == 0:
                        scene.register_readers()
            finally:
                server.stop()
    print(f"{len(paths)} schemas synced, and every answer agrees with what happened")


if __name__ == "__main__":
    main()
