"""What the guides show is true: their commands are typed as they stand, where nothing but the wheel is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tests.conftest import ROOT, free_port
from tests.docs import guides

GUIDES = ROOT / "docs"
STAND_IN = Path(__file__).with_name("dbt_stand_in.py")


@pytest.fixture
def shell(installed: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Variables of a shell with `muniment` and `dbt`, for a server on a free port with its data in `tmp_path`."""
    tools = tmp_path / "tools"
    tools.mkdir()
    # The stand-in's YAML reader is one of the packages that Muniment brings along.
    (tools / "dbt").write_text(f'#!/bin/sh\nexec python {STAND_IN} "$@"\n')
    (tools / "dbt").chmod(0o755)
    port = str(free_port())
    where = {"MUNIMENT_PORT": port, "MUNIMENT_URL": f"http://127.0.0.1:{port}"}
    return {**installed, **where, "PATH": f"{tools}{os.pathsep}{installed['PATH']}"}


def test_first_steps(shell: dict[str, str], clone: Path) -> None:
    guides.run(GUIDES / "first-steps.md", clone, shell)


@pytest.mark.parametrize("name", ["dbt.md", "graphql.md", "openapi.md", "operating.md"])
def test_guide(name: str, shell: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "samples", folder / "samples")
    guides.run(GUIDES / name, folder, shell)


def test_links_lead_somewhere() -> None:
    for guide in (*GUIDES.glob("*.md"), ROOT / "README.md"):
        for target in guides.links(guide):
            assert (guide.parent / target).exists(), f"{guide.name} links to {target}"


MODELS = """
models:
  - name: orders
    columns:
      - {name: id, data_type: int}
      - {name: total, data_type: numeric}
  - name: revenue
    refs: [orders]
    columns:
      - {name: month, data_type: date}
"""


class Workflow:
    """The guide's workflow, run step by step in a real repository, as the runner would."""

    def __init__(self, shell: dict[str, str], folder: Path) -> None:
        (block,) = [b for b in guides.blocks(GUIDES / "ci.md") if b.path.startswith(".github/workflows/")]
        self._jobs = yaml.safe_load(block.text)["jobs"]
        self._shell = shell
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        named = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
        return subprocess.run(named, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, models: str) -> str:
        (self.folder / "models").mkdir(exist_ok=True)
        (self.folder / "models" / "shop.yml").write_text(models)
        self.git("add", "models")
        self.git("commit", "-q", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def run(self, job: str, values: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a job's steps until one fails. `values` are what the runner fills in."""
        done = subprocess.CompletedProcess[str]([], 0, "", "")
        for step in self._jobs[job]["steps"]:
            if "run" not in step or step["run"].startswith("pip install"):
                continue  # Checkout and Python are the runner's; Muniment's own wheel is installed already.
            stated = {**self._jobs[job]["env"], **step.get("env", {})}
            env = {name: values[text.strip("${} ")] for name, text in stated.items()}
            done = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=self.folder,
                env={**self._shell, "GITHUB_SHA": self.git("rev-parse", "HEAD"), **env},
                capture_output=True,
                text=True,
            )
            if done.returncode:
                break
        return done


def test_workflow(shell: dict[str, str], tmp_path: Path) -> None:
    server_folder = tmp_path / "server"
    server_folder.mkdir()
    with open(server_folder / "log", "w") as log:
        server = subprocess.Popen(["muniment", "serve"], cwd=server_folder, env=shell, stdout=log, stderr=log)
    try:
        _follow(Workflow(shell, tmp_path / "project"), shell, server_folder)
    finally:
        server.terminate()
        server.wait(10)


def _follow(workflow: Workflow, shell: dict[str, str], server_folder: Path) -> None:
    def admin(*arguments: str) -> str:
        return subprocess.run(
            ["muniment", *arguments], cwd=server_folder, env=shell, check=True, capture_output=True, text=True
        ).stdout.strip()

    guides.wait_for(shell)
    keys = [each.command for each in guides.commands(GUIDES / "ci.md") if each.command.startswith("muniment key")]
    admin("team", "data")
    read, write = [subprocess.check_output(["bash", "-c", k], cwd=server_folder, env=shell, text=True) for k in keys]
    values = {
        "vars.MUNIMENT_URL": shell["MUNIMENT_URL"],
        "secrets.MUNIMENT_READ_KEY": read.strip(),
        "secrets.MUNIMENT_SYNC_KEY": write.strip(),
        "github.event.pull_request.base.sha": workflow.commit(MODELS),
    }
    synced = workflow.run("sync", values)
    assert synced.returncode == 0, synced.stderr
    assert "2 created" in synced.stdout
    admin("team", "finance")
    admin("register", "warehouse.prod.orders", "--team", "finance")

    workflow.git("checkout", "-q", "-b", "harmless")
    workflow.commit(MODELS + "      - {name: orders, data_type: int}\n")
    harmless = workflow.run("diff", values)
    assert (harmless.returncode, harmless.stdout.splitlines()[-1:]) == (0, ["Nothing breaks."]), harmless.stderr
    workflow.git("worktree", "remove", "--force", "../base")

    workflow.git("checkout", "-q", "-b", "breaking", "main")
    workflow.commit(MODELS.replace("      - {name: total, data_type: numeric}\n", ""))
    breaking = workflow.run("diff", values)
    (shown,) = [block.text for block in guides.blocks(GUIDES / "ci.md") if block.language == "text"]
    assert (breaking.returncode, breaking.stdout[: len(shown)]) == (1, shown), breaking.stderr
    workflow.git("worktree", "remove", "--force", "../base")

    away = workflow.run("diff", {**values, "vars.MUNIMENT_URL": "http://127.0.0.1:1"})
    assert away.returncode == 3
    assert "proposed: warehouse.prod.orders 2.0.0\n  1 breaking change, waits for finance" in (
        workflow.run("sync", values).stdout
    )
