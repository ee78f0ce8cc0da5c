"""Real GraphQL schemas after made-up changes, so that each kind of change meets real types."""

import random
import re

from graphql import parse, print_ast

_FIELD = re.compile(r"^  (\w+)(\(.*\))?: (\S+?)(!?)( = [^@]+?)?( @.*)?$")
_WORDS = re.compile(r'^ *"""(?:[^"\\]|\\.|"(?!""))*"""\n|^ *"(?:[^"\\\n]|\\.)*"\n', re.MULTILINE)
_BLOCK = re.compile(r"^(type|interface|input|enum) (\w+)")


def shaken(text: str, seed: int, times: int) -> str:
    """The schema after so many edits that the seed chooses. Every type that it names is still there."""
    chance = random.Random(seed)
    lines = _WORDS.sub("", print_ast(parse(text, no_location=True))).splitlines()
    for _ in range(times * 20):
        if times <= 0:
            break
        times -= _edit(lines, chance)
    return "\n".join(lines)


def _edit(lines: list[str], chance: random.Random) -> bool:
    """Change one line. Whether a line was found that can be changed."""
    at = chance.randrange(len(lines))
    kind = _block(lines, at)
    changed = _changed(lines[at], kind, chance)
    alone = {"{", "}", ""} & {lines[at - 1][-1:], lines[at + 1 if at + 1 < len(lines) else at][:1]}
    if changed is None or changed == lines[at] or (not changed and alone):
        return False
    types = [line.split(" ")[1] for line in lines if line.startswith("type ")]
    lines[at] = changed.replace("AnyType", chance.choice(types)).replace(
        "brandNew", f"brandNew{chance.randrange(10**6)}"
    )
    return True


def _block(lines: list[str], at: int) -> str:
    while at >= 0 and (lines[at].startswith((" ", "}")) or not lines[at]):
        at -= 1
    found = _BLOCK.match(lines[at]) if at >= 0 else None
    return found[1] if found else ""


def _changed(line: str, kind: str, chance: random.Random) -> str | None:
    header = _BLOCK.match(line)
    if header:
        return _changed_header(line, chance)
    if line.startswith("union ") and " | " in line:
        members = line.split(" | ")
        return " | ".join(members[:-1]) if chance.random() < 0.5 else line.replace("= ", "= AnyType | ", 1)
    if kind == "enum" and re.fullmatch(r"  [A-Z_]+", line):
        return chance.choice(["", line + f"\n  NEW_{chance.randrange(10**6)}", line + "_RENAMED"])
    field = _FIELD.match(line) if kind else None
    if not field or '"' in line.split("(")[0]:
        return None
    return _changed_field(field, kind, chance)


def _changed_header(line: str, chance: random.Random) -> str | None:
    if " implements " in line and chance.random() < 0.7:
        return re.sub(r" implements [\w& ]+", " ", line)
    if line.startswith("type ") and " Query" not in line and chance.random() < 0.1:
        return "interface " + line.removeprefix("type ")
    return None


def _changed_field(field: re.Match[str], kind: str, chance: random.Random) -> str:
    name, arguments, type, mark, default, rest = (field[n] or "" for n in range(1, 7))
    other_type = chance.choice(["Int", "[String]", f"[{type}{mark}]", type.strip("[]!") or "ID"])
    options = [
        "" if chance.random() < 0.5 else f"  {name}_renamed{arguments}: {type}{mark}{default}",
        f"  {name}{arguments}: {type}{'' if mark else '!'}{default}{rest}",
        f"  {name}{arguments}: {other_type}{rest if not default else ''}",
    ]
    if kind == "input":
        options += [
            f"  {name}: {type}{mark}{default}{rest}\n  brandNew: Int",
            f"  {name}: {type}{mark}{default}{rest}\n  brandNew: Int!",
            f"  {name}: {type}{mark}{'' if default else ' = null'}{rest}",
        ]
    elif arguments:
        inner = arguments[1:-1]
        first, _, others = inner.partition(", ")
        options += [
            f"  {name}({inner}, brandNew: Int): {type}{mark}{rest}",
            f"  {name}({inner}, brandNew: Int!): {type}{mark}{rest}",
            f"  {name}{f'({others})' if others and '[' not in first and '{' not in first else ''}: {type}{mark}{rest}",
            f"  {name}({inner.split(' = ')[0]}): {type}{mark}{rest}" if inner.count(" = ") == 1 else "",
        ]
    else:
        options += [f"  {name}(brandNew: Int = 3): {type}{mark}{rest}", f"  {name}(brandNew: ID!): {type}{mark}{rest}"]
    return chance.choice(options)
