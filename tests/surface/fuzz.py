"""schemathesis against a real server, with all checks: `python -m tests.surface.fuzz [SECONDS] [SEED] [option …]`."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from tests.conftest import KEY, ROOT, Server
from tests.surface.hooks import IDS
from tests.surface.story import ORDERS, WITHOUT_EMAIL, tell

CONFIG = "tests/surface/schemathesis.toml"


def fuzz(server: Server, seed: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis on a server, on top of what the story left there. Its report is the output."""
    with server.client() as api:
        tell(api)
        more_of_it(api)
        ids = known(api)
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "--no-color", "--config-file", CONFIG, "run", f"{server.url}/openapi.json"]
    command += ["-H", f"Authorization: Bearer {KEY}", "--seed", str(seed), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), IDS: json.dumps(ids)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def more_of_it(api: httpx.Client) -> None:
    """Assets with consumers and pending proposals, of which the story leaves none."""
    shop, finance = (api.get("/teams", params={"name": name}).json()["results"][0]["id"] for name in ("shop", "fin"))
    for number in range(8):
        asset = api.post("/assets", json={"fqn": f"fuzz.t{number}", "owner_team_id": shop}).json()["id"]
        for schema in (ORDERS, WITHOUT_EMAIL):
            api.post(f"/assets/{asset}/publish", params={"published_by": shop}, json={"schema": schema})
        api.post("/registrations", json={"asset_id": asset, "consumer_team_id": finance})


def known(api: httpx.Client) -> dict[str, list[str]]:
    """The ids of what there is, by the name that parameters have for them."""
    kinds = {"asset": "assets", "team": "teams", "contract": "contracts"}
    kinds |= {"registration": "registrations", "proposal": "proposals"}
    found = {f"{kind}_id": api.get(f"/{path}").json()["results"] for kind, path in kinds.items()}
    return {name: [each["id"] for each in listed] for name, listed in found.items()}


def main(seconds: str = "60", seed: str = "1", *options: str) -> int:
    """Print the report; schemathesis' exit code."""
    with tempfile.TemporaryDirectory(prefix="muniment-fuzz-") as folder:
        server = Server(Path(folder) / "muniment.db", Path(folder))
        try:
            done = fuzz(server, int(seed), "--max-time", seconds, *options)
        finally:
            server.stop()
    print(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
