"""Guides read as programs: their console blocks are typed into a real shell, and must show what the guide shows."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

_FENCE = re.compile(r"^```(\S*)[ ]?(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
_MARK = "@@ guide"


class Block(msgspec.Struct, frozen=True):
    """A fenced block: its language, what stands after that (a path to write it to), and its text."""

    language: str
    path: str
    text: str


class Typed(msgspec.Struct):
    """A command of a guide, the lines of output that the guide shows, and whether its exit code is shown next."""

    command: str
    shown: list[str]
    code_is_shown: bool = False


def blocks(guide: Path) -> list[Block]:
    """All fenced blocks, in order."""
    return [Block(*found.groups()) for found in _FENCE.finditer(guide.read_text())]


def typed(text: str) -> list[Typed]:
    """The commands of a console block."""
    commands: list[Typed] = []
    unfinished = False
    for line in text.splitlines():
        if line.startswith("$ ") and not unfinished:
            if line == "$ echo $?":
                commands[-1].code_is_shown = True
            commands.append(Typed(line[2:], []))
        elif unfinished:
            commands[-1].command += "\n" + line
        elif line.strip():
            commands[-1].shown.append(line.rstrip())
        unfinished = commands[-1].command.endswith("\\") and not commands[-1].shown
    return commands


def run(guide: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Write the files of a guide and type its commands, block by block, in one shell. Raises `AssertionError`."""
    commands: list[Typed] = []
    script = ["exec 2>&1"]
    for block in blocks(guide):
        if block.path:
            script += [f"mkdir -p $(dirname {block.path})", f"cat > {block.path} <<'@@ end'", block.text + "@@ end"]
        if block.language == "console":
            for each in typed(block.text):
                script += [_typed_in(each.command), f'code=$?; echo; echo "{_MARK} $code"; (exit $code)']
                commands.append(each)
    assert commands, f"{guide} shows no command"
    done = subprocess.run(
        ["bash", "-c", "\n".join([*script, "kill $(jobs -p) 2>/dev/null; wait"])],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=120,
    )
    outputs = re.split(rf"\n{_MARK} (\d+)\n", done.stdout)
    assert len(outputs) == 2 * len(commands) + 1, done.stdout
    for each, output, code in zip(commands, outputs[::2], outputs[1::2], strict=False):
        assert code == "0" or each.code_is_shown, f"{each.command} ends with {code}:\n{output}"
        _check(each, output.replace(environment["MUNIMENT_PORT"], "8400").splitlines())


def _typed_in(command: str) -> str:
    if not command.startswith("muniment serve"):
        return command.replace(":8400", ":$MUNIMENT_PORT")
    # The reader leaves the server running and opens another terminal.
    waiting = "until muniment status > /dev/null 2>&1; do sleep 0.1; kill -0 $! || break; done"
    return f"{command} > serve.log 2>&1 & {waiting}; cat serve.log"


def _check(each: Typed, output: list[str]) -> None:
    """The output must be what is shown, blank lines aside; `...` stands for any lines, `…` for any part of a line."""
    lines = ["(.*\n)*" if line == "..." else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in each.shown]
    real = "".join(line.rstrip() + "\n" for line in output if line.strip())
    shown = "\n".join(each.shown)
    assert not lines or re.fullmatch("".join(lines), real), f"$ {each.command}\nshould show\n{shown}\nbut shows\n{real}"


def commands(guide: Path) -> list[Typed]:
    """All commands of a guide's console blocks."""
    return [each for block in blocks(guide) if block.language == "console" for each in typed(block.text)]


def links(guide: Path) -> list[str]:
    """The files that a guide links to."""
    found = re.findall(r"\]\(([^)#]+)[^)]*\)", guide.read_text())
    return [target for target in found if "://" not in target]


def wait_for(environment: Mapping[str, str]) -> None:
    """Wait until the server of these variables answers."""
    asking = "for _ in $(seq 200); do muniment status > /dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1"
    subprocess.run(["bash", "-c", asking], env=dict(environment), check=True)
