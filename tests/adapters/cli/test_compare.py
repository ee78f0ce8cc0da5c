"""`muniment compare` and `muniment rules` as people and scripts run them: real processes, no server."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.comparing import rules_page

ROOT = Path(__file__).resolve().parents[3]
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "adapters.launch", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=ROOT, check=False, timeout=60)


def files(folder: Path, old: Any, new: Any) -> tuple[str, str]:
    names = folder / "old.json", folder / "new.json"
    for path, value in zip(names, (old, new), strict=True):
        path.write_text(value if isinstance(value, str) else json.dumps(value))
    return str(names[0]), str(names[1])


@pytest.mark.parametrize(
    ("old", "new", "flags", "code"),
    [
        (TEXT, {"type": "string", "title": "x"}, [], 0),
        (TEXT, NUMBER, [], 1),
        (TEXT, NUMBER, ["--mode", "none"], 0),
        (TEXT, {**TEXT, "maxLength": 3}, ["--accepted"], 1),
        (TEXT, {**TEXT, "maxLength": 3}, ["--produced"], 0),
        (TEXT, {**TEXT, "maxLength": 3}, ["--mode", "forward"], 0),
        ({"pattern": "(?=a)"}, {"pattern": "(?=b)"}, [], 4),
        (TEXT, {"type": "text"}, [], 2),
        ("type: string", "type: [string, 'null']", ["--produced"], 1),
        ("minimum: .inf", "minimum: 1", [], 2),
        ("a: &a [&b [*a, *a], *b]", "{}", [], 2),
        ("{", "{}", [], 2),
        ('{"type": "string", "type": "integer"}', "{}", [], 2),
        ("type: string\ntype: integer", "{}", [], 2),
        ("{? 1 : 2}", "{}", [], 2),
        ('{"const": "\\ud800"}', "{}", [], 2),
        ('{"minimum": 1' + "0" * 1_000 + "}", {"minimum": 1}, [], 0),
        ('{"minimum": 1e400}', "{}", [], 2),
        ({"minimum": 0, "multipleOf": 1e-323}, {"multipleOf": 1e308}, [], 1),
        ({"type": "string", "minLength": 10**30}, {"type": "string", "minLength": 10**31}, [], 1),
        ({"type": "array", "minItems": 10**18, "uniqueItems": True}, {"type": "array", "maxItems": 10**18 - 1}, [], 1),
        ({"$ref": "#"}, TEXT, [], 4),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, TEXT, [], 4),
        ({"$id": "http://[", "$ref": "#/$defs/a", "$defs": {"a": TEXT}}, NUMBER, [], 1),
        ({"$ref": "http://[x"}, {"$ref": "http://[y"}, [], 4),
        ({"allOf": [{"$ref": "#/allOf/²"}]}, {"allOf": [{"$ref": "#/allOf/-1"}]}, [], 4),
        ({"$ref": "http://127.0.0.1:9/x"}, {"$ref": "file:///etc/passwd"}, [], 4),
        ({"pattern": "^(.*a.{30})$"}, {"pattern": "^(.*b.{30})$"}, [], 4),
        ('{"items":' * 450 + "{}" + "}" * 450, "{}", [], 2),
    ],
)
def test_exit_codes_tell_what_came_out(tmp_path: Path, old: Any, new: Any, flags: list[str], code: int) -> None:
    done = run("compare", *files(tmp_path, old, new), *flags)
    assert done.returncode == code, done
    assert b"Traceback" not in done.stderr


def test_what_json_says(tmp_path: Path) -> None:
    branch = {"title": "B", "properties": {"k": TEXT, "gone": NUMBER}}
    old = {"foo": 1, "oneOf": [{"title": "A", "type": "null"}, {"$ref": "#/$defs/b"}], "$defs": {"b": branch}}
    changed = {"title": "B", "properties": {"k": NUMBER, "here": NUMBER}}
    new = {"oneOf": [{"$ref": "#/$defs/b"}, {"title": "A", "type": "null"}], "$defs": {"b": changed}}
    found = json.loads(run("compare", *files(tmp_path, old, new), "--json", "--produced").stdout)
    assert (found["verdict"], found["step"]) == ("breaking", "major")
    changes = {each["type"]: each for each in found["changes"]}
    typed = changes["type_changed"]
    assert (typed["backward"], typed["forward"], typed["verdict"]) == ("breaking", "breaking", "breaking")
    assert (typed["old_pointer"], typed["new_pointer"]) == ("/$defs/b/properties/k",) * 2
    assert (typed["old_value"], typed["new_value"], typed["witness"]) == ("string", "integer", {"k": 0})
    assert typed["message"] == "The type of property k changed from string to integer."
    assert typed["suggestion"] and found["witness"] == {"k": 0}
    removed = changes["property_removed"]
    assert removed["new_pointer"] is None and "It may be called here now" in removed["message"]
    assert (removed["backward"], changes["property_added"]["old_pointer"]) == ("breaking", None)
    assert found["notes"] == [{"keyword": "foo", "document": "old", "pointer": "/foo"}]


def test_null_as_a_witness_is_told_from_none(tmp_path: Path) -> None:
    nullable, dated = {"type": ["string", "null"]}, {"type": "string", "format": "date"}
    shown = json.loads(run("compare", *files(tmp_path, nullable, TEXT), "--json").stdout)
    assert (shown["verdict"], shown["witness"], shown["witnessed"]) == ("breaking", None, True)
    assert b"for example null\n" in run("compare", *files(tmp_path, nullable, TEXT)).stdout
    without = json.loads(run("compare", *files(tmp_path, TEXT, dated), "--json").stdout)
    assert (without["verdict"], without["witness"], without["witnessed"]) == ("breaking", None, False)
    assert b"for example" not in run("compare", *files(tmp_path, TEXT, dated)).stdout


LINES: list[tuple[bytes, Any, str]] = [
    (b'{"id": 1, "old": {"type": "integer"}, "new": {"type": "number"}}', "compatible", ""),
    (b"{", "unknown", "not JSON"),
    (b'{"old": true, "new": false}', "breaking", "the new schema refuses null, which the old one accepts"),
    (b'{"id": 3, "old": {"minimum": 1e999}, "new": {}}', "unknown", "not JSON"),
    (b'{"id": 4, "old": {"minimum": NaN}, "new": {}}', "unknown", "not JSON"),
    (b'{"id": 5, "old": {"minimum": %s}, "new": {}}' % (b"9" * 5_000), "unknown", "not JSON"),
    (b'{"id": 6, "old": ' + b"[" * 5_000 + b"]" * 5_000 + b', "new": {}}', "unknown", "recursion"),
    (b'{"id": 7, "old": ' + b'{"items": ' * 400 + b"{}" + b"}" * 400 + b', "new": false}', "unknown", "deep"),
    (b"[1]", "unknown", "must be an object"),
    (b'{"id": 9, "old": {}}', "unknown", "must be an object"),
    (b'{"id": 10, "old": {"$ref": "http://127.0.0.1:9/x"}, "new": {"type": "null"}}', "unknown", "leads out"),
    (b'{"id": 11, "old": {"$ref": "#/no"}, "new": {"type": "null"}}', "unknown", "leads nowhere"),
    (b'{"id": 12, "old": {"$ref": "#"}, "new": {"type": "null"}}', "unknown", "itself"),
    (b'{"id": 13, "old": 3, "new": {"type": "null"}}', "unknown", "no schema"),
    (b'{"id": 14, "old": {"type": "number", "minimum": %d.5}, "new": {"type": "integer"}}' % 10**15, "breaking", ""),
    (b'{"id": 15, "old": {"enum": []}, "new": false}', "compatible", ""),
    (b'{"id": 16, "old": {"const": "\xff"}, "new": {}}', "unknown", "not JSON"),
    (b'{"id": 17, "old": {"const": "\\ud800"}, "new": {}}', "unknown", "not JSON"),
    (
        b'{"id": 18, "old": {"type": "null", "type": "string"}, "new": {"type": "string"}}',
        "unknown",
        "'type' stands twice",
    ),
    (b'{"id": 19, "old": true, "new": {"required": "a"}}', "unknown", "required must be a list"),
    (b'{"id": 20, "old": true, "new": {"uniqueItems": "yes"}}', "unknown", "uniqueItems must be true or false"),
    (b'{"id": 21, "old": true, "new": {"dependentRequired": []}}', "unknown", "dependentRequired must be an object"),
    (b'{"id": 22, "old": {"minimum": 1%s}, "new": {"minimum": 1}}' % (b"0" * 1_000), "compatible", ""),
    (
        b'{"id": 23, "old": {"pattern": "^(.*a.{30})$"}, "new": {"pattern": "^(.*b.{30})$"}}',
        "unknown",
        "too many steps",
    ),
    (
        b'{"id": 24, "old": {"minLength": 1%s}, "new": {"minLength": 2%s}}' % (b"0" * 15, b"0" * 15),
        "unknown",
        "characters",
    ),
]


def test_lines_are_answered_in_order_whatever_they_are() -> None:
    done = run("compare", "--lines", stdin=b"\n".join(line for line, _, _ in LINES) + b"\n\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and len(answers) == len(LINES)
    for answer, (line, backward, reason) in zip(answers, LINES, strict=True):
        assert answer.keys() == {"id", "backward", "forward", "witness", "reason"}
        assert answer["backward"] == backward, (line[:80], answer)
        assert reason in (answer["reason"] or ""), (line[:80], answer)


def test_a_line_gives_the_reasons_of_both_ways() -> None:
    line = b'{"id": 1, "old": {"enum": [1]}, "new": {"enum": [null]}}'
    (answer,) = run("compare", "--lines", stdin=line).stdout.splitlines()
    assert json.loads(answer) == {
        "id": 1,
        "backward": "breaking",
        "forward": "breaking",
        "witness": 1,
        "reason": "the new schema refuses 1, which the old one accepts; "
        "the old schema refuses null, which the new one accepts",
    }


def test_the_rules_are_printed_and_the_page_is_of_today() -> None:
    assert (ROOT / "docs" / "rules.md").read_text() == rules_page()
    assert {"property_removed", "freshness_relaxed"} <= {
        each["id"] for each in json.loads(run("rules", "--json").stdout)
    }
