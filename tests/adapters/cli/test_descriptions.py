"""Descriptions on the disk: YAML as JSON, and several files as one."""

import json
from pathlib import Path

import pytest

from adapters.cli.descriptions import description
from adapters.cli.files import Failed


def test_yaml_means_what_json_would(tmp_path: Path) -> None:
    text = "on: 2020-01-01\n200: {yes: no, 1.5: 1.5}\nx: &a [1, true, null, ~, 0x10, '1']\ny: *a\n"
    text += "z: {<<: {b: 1, c: 2}, c: 3}\n"
    (tmp_path / "a.yaml").write_text(text)
    expected = {
        "on": "2020-01-01", "200": {"yes": "no", "1.5": 1.5}, "x": [1, True, None, None, 16, "1"],
        "y": [1, True, None, None, 16, "1"], "z": {"b": 1, "c": 3},
    }  # fmt: skip
    assert json.loads(description(str(tmp_path / "a.yaml"))) == expected


_BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3 column 1: the key 'a' stands twice"),
        (_BOMB, "aliases make it too large"),
        ("a: &a [*a]\n", "line 1 column 8: the alias"),
        ("a: .nan\n", "line 1 column 4"),
        ("a: [\n", "line 2"),
        ("? [a]\n: b\n", "line 1 column 3"),
        ("- a\n", "not an object"),
        ("[" * 5000, "neither JSON nor YAML"),
        ("", "not an object"),
    ],
)
def test_what_is_no_description(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(Failed, match=said.replace("[", r"\[")):
        description(str(tmp_path / "a.yaml"))


def test_a_key_that_stands_twice_is_told_in_each_file_of_a_description(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"x": {"$ref": "b.json"}}')
    (tmp_path / "b.json").write_text('{\n"y": 1, "y": 2}')
    with pytest.raises(Failed, match="b.json, line 2 column 9: the key 'y' stands twice"):
        description(str(tmp_path / "a.json"))
    (tmp_path / "a.json").write_text('{"x": {"$ref": "b.json"}, "x": 1}')
    with pytest.raises(Failed, match="a.json, line 1 column 27: the key 'x' stands twice"):
        description(str(tmp_path / "a.json"))


def test_files_of_the_folder_are_taken_in_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("A: {type: string}\n")
    folder = tmp_path / "api"
    (folder / "parts").mkdir(parents=True)
    user = {
        "User": {"properties": {"a": {"$ref": "#/Name"}, "b": {"$ref": "../main.json#/x"}}},
        "Name": {"type": "string"},
    }
    (folder / "parts" / "user.json").write_text(json.dumps(user))
    outside = ["../secret.yaml#/A", str(tmp_path / "secret.yaml"), "http://x/y", "file:///etc/passwd", "none.yaml"]
    refs = [{"$ref": each} for each in ["parts/user.json#/User", *outside]]
    (folder / "main.json").write_text(json.dumps({"x": {}, "refs": refs}))
    found = json.loads(description(str(folder / "main.json")))
    assert [each["$ref"] for each in found["refs"]] == ["#/x-files/parts~1user.json/User", *outside]
    properties = found["x-files"]["parts/user.json"]["User"]["properties"]
    assert properties == {"a": {"$ref": "#/x-files/parts~1user.json/Name"}, "b": {"$ref": "#/x"}}
