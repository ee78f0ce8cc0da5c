"""The built wheel in an empty environment: one package of ours, and it works from anywhere."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT, free_port
from tests.docs.guides import wait_for


def test_nothing_but_one_package_reaches_site_packages(installed: dict[str, str]) -> None:
    (packages,) = Path(installed["VIRTUAL_ENV"]).glob("lib/python*/site-packages")
    names = {entry.name for entry in packages.iterdir()}
    assert "muniment" in names
    assert not names & {"domain", "projections", "adapters", "tests", "scripts", "samples", "docs"}
    assert {entry.name for entry in (packages / "muniment").iterdir()} >= {"domain", "projections", "adapters"}


@contextmanager
def serving(folder: Path, env: dict[str, str], *flags: str) -> Iterator[None]:
    with open(folder / "server.log", "w") as log:
        server = subprocess.Popen(["muniment", "serve", *flags], cwd=folder, env=env, stdout=log, stderr=log)
    try:
        wait_for(env)
        yield
    finally:
        server.terminate()
        server.wait(20)


def test_the_wheel_serves_with_two_workers(installed: dict[str, str], tmp_path: Path) -> None:
    port = str(free_port())
    env = {**installed, "MUNIMENT_PORT": port, "MUNIMENT_URL": f"http://127.0.0.1:{port}"}

    def typed(*arguments: str) -> str:
        done = subprocess.run(["muniment", *arguments], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert typed("--version").startswith("muniment 0.")
    with serving(tmp_path, env, "--workers", "2"):
        typed("team", "shop")
        sample = str(ROOT / "samples" / "jaffle_shop.json.gz")
        synced = typed("sync", "dbt", sample, "--team", "shop", "--auto-publish-contracts")
        assert "assets     8 created\n  contracts  5 published\n" in synced
        for _ in range(4):
            assert "1 team, 8 assets, 5 contracts" in typed("status")
    assert (tmp_path / ".muniment" / "muniment.db").exists()
