"""How changes of GraphQL types are judged (api.md 2.8, 4.4), and that graphql-core finds nothing that we do not."""

import pytest

from adapters.contract_engine import ENGINE
from domain.schema.change import Mode, Verdict
from domain.schema.comparison import compare
from domain.schema.judge import Terms
from tests import graphql_oracle as oracle
from tests.graphql_edits import shaken

needs_corpora = pytest.mark.skipif(not oracle.CORPORA.exists(), reason="the shared corpora (../shared) are not here")
REST = (
    "type A { a: Int } type B { a: Int } interface N { a: Int } interface M { a: Int } enum E { X } scalar S scalar R"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("type T { f: A }", "type T { f: B }", {"type_changed": "breaking"}),
        ("type T { f: A }", "type T { f: A! }", {"nullable_removed": "safe", "required_added": "safe"}),
        ("type T { f: S! }", "type T { f: S }", {"nullable_added": "breaking", "required_removed": "breaking"}),
        ("type T { f: [S!] }", "type T { f: [S] }", {"nullable_added": "breaking"}),
        ("type T { f: S }", "type T { f: R }", {"type_changed": "breaking"}),
        ("type T { f: Float }", "type T { f: Int }", {"type_changed": "breaking"}),
        ("type T { f: ID }", "type T { f: String }", {"type_changed": "breaking"}),
        ("type T { f: A }", "type T { f: [A] }", {"type_changed": "breaking"}),
        ("type T { f: A }", "type T { f: String }", {"type_changed": "breaking"}),
        ("type T { f: A g: A }", "type T { f: A }", {"property_removed": "breaking"}),
        ("type T { f: A }", "type T { f: A g: A }", {"property_added": "safe"}),
        ("type T implements N & M { a: Int }", "type T implements N { a: Int }", {"interface_removed": "breaking"}),
        ("type T implements N { a: Int }", "type T implements M & N { a: Int }", {"interface_added": "risky"}),
        ("type T { a: Int }", "interface T { a: Int }", {"kind_changed": "breaking"}),
        ("type T { f(a: Int): A }", "type T { f: A }", {"property_removed": "breaking"}),
        ("type T { f: A }", "type T { f(a: Int): A }", {"property_added": "risky"}),
        ("type T { f: A }", "type T { f(a: Int!): A }", {"property_added": "risky", "required_added": "breaking"}),
        ("type T { f: A }", "type T { f(a: Int! = 1): A }", {"property_added": "risky"}),
        (
            "type T { f(a: Int): A }",
            "type T { f(a: Int!): A }",
            {"nullable_removed": "breaking", "required_added": "breaking"},
        ),
        ("type T { f(a: Int!): A }", "type T { f(a: Int): A }", {"nullable_added": "safe", "required_removed": "safe"}),
        ("type T { f(a: Int = 1): A }", "type T { f(a: Int = 2): A }", {"default_changed": "risky"}),
        ("type T { f(a: Int = 1): A }", "type T { f(a: Int): A }", {"default_removed": "risky"}),
        ("type T { f(a: ID): A }", "type T { f(a: String): A }", {"type_changed": "breaking"}),
        ("type T { f(a: Int): A }", "type T { f(a: Float): A }", {"type_changed": "breaking"}),
        ("type T { f(a: E): A }", "type T { f(a: S): A }", {"type_changed": "breaking"}),
        ("input T { a: Int }", "input T { a: Int b: Int }", {"property_added": "risky"}),
        ("input T { a: Int }", "input T { a: Int b: Int! }", {"property_added": "risky", "required_added": "breaking"}),
        ("input T { a: Int b: S }", "input T { a: Int }", {"property_removed": "breaking"}),
        ("input T { a: S }", "input T { a: S! = 1 }", {"nullable_removed": "breaking", "default_added": "risky"}),
        ("input T { a: E = X }", "input T { a: E }", {"default_removed": "risky"}),
        ("input T { a: Int }", "input T @oneOf { a: Int }", {"constraint_tightened": "breaking"}),
        ("enum T { A B }", "enum T { A }", {"enum_values_removed": "breaking"}),
        ("enum T { A }", "enum T { B A }", {"enum_values_added": "risky"}),
        ("union T = A | B", "union T = A", {"composition_changed": "breaking"}),
        ("union T = A", "union T = B | A", {"composition_changed": "risky"}),
        ("union T = A | B", "union T = B | A", {}),
        ("type T { f(a: Int, b: E): A g: B }", "type T { g: B f(b: E, a: Int): A @deprecated }", {}),
    ],
)
def test_changes_of_a_type(old: str, new: str, expected: dict[str, str]) -> None:
    found = oracle.judged(f"{REST} {old}", f"{REST} {new}").get("T", ())
    assert {change.type: change.verdict.value for change in found} == expected


def test_a_named_type_of_another_kind_is_another_type() -> None:
    found = oracle.judged("enum A { X } type T { f: A }", "type A { a: Int } type T { f: A }")
    assert [change.type for change in found["T"]] == ["type_changed"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"x-graphql-type": 1}, {"x-graphql-type": 2}),
        ({"x-graphql-type": "A", "minLength": 1}, {"x-graphql-type": "A", "minLength": 2}),
        ({"oneOf": [{"x-graphql-type": "A"}]}, {"oneOf": [{"x-graphql-type": "A"}, {"x-graphql-type": "B"}]}),
        ({"anyOf": [{"x-graphql-type": "A"}, {"type": "string"}]}, {"anyOf": [{"type": "string"}]}),
        ({"not": {"x-graphql-type": "A"}}, {"not": {"x-graphql-type": "B"}}),
        ({"x-graphql-arguments": 1}, {"x-graphql-arguments": {}}),
    ],
)
def test_forms_that_no_reader_makes_are_never_taken_to_be_safe(old: dict[str, object], new: dict[str, object]) -> None:
    for mode in (Mode.backward, Mode.forward):
        assert any(change.incompatible for change in compare(old, new, ENGINE, Terms(mode=mode)).changes)  # type: ignore[arg-type]


def test_of_the_changes_of_an_argument_its_sentences_name_it() -> None:
    found = oracle.judged(f"{REST} type T {{ f: A }}", f"{REST} type T {{ f(a: Int!): A }}")["T"]
    assert [change.message for change in found] == ["Argument f.a was added.", "Argument f.a became required."]


@needs_corpora
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["swapi/schema.graphql", "graphql-java/large-schema-rocketraman.graphqls"])
def test_what_graphql_core_finds_we_find(name: str, seed: int) -> None:
    before = oracle.text(oracle.CORPORA / name)
    held = oracle.Held(before, shaken(before, seed, 60))
    assert len(held.breaking) > 10
    assert held.missed == []


@needs_corpora
def test_what_graphql_core_finds_between_releases_we_find() -> None:
    paths = sorted((oracle.CORPORA / "series_github").iterdir())
    held = oracle.Held(oracle.text(paths[6]), oracle.text(paths[7]))
    assert (len(held.breaking), held.missed) == (11, [])


@needs_corpora
def test_no_pair_of_graphql_inspector_is_judged_more_mildly_than_its_tests_have_it() -> None:
    milder = []
    for case in oracle.inspector_cases():
        levels = [oracle.LEVELS[level] for level in case["expected"].get("levels", ()) if level in oracle.LEVELS]
        if oracle.our_level(case) < max(levels, default=0):
            milder.append(case["test"])
    assert milder == []


@needs_corpora
def test_few_pairs_of_graphql_inspector_are_judged_more_strictly_and_each_for_a_reason_that_is_told() -> None:
    found = [(each, oracle.inspector_standing(each)) for each in oracle.inspector_cases()]
    stricter = {(each["test"], each["expected"]["types"][0]) for each, kind in found if kind == "stricter"}
    assert stricter == oracle.GRAVER.keys()
    assert len(stricter) <= 0.05 * sum(1 for _, kind in found if kind)


@pytest.mark.parametrize(
    "what", ["type T { a: Int %s }", "input T %s { a: Int b: Int }", "union T %s = Q type Q { a: Int }"]
)
def test_one_of_that_is_no_longer_asked_for_is_safe(what: str) -> None:
    (found,) = oracle.judged(what % "@oneOf", what % "").values()
    assert {change.verdict for change in found} == {Verdict.safe}
    assert {change.verdict for change in oracle.judged(what % "", what % "@oneOf")["T"]} == {Verdict.breaking}


DIRECTIVES = "directive @a(x: Int) repeatable on FIELD | QUERY directive @b on OBJECT "


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (DIRECTIVES + "directive @c on FIELD", {"directive_added": "safe"}),
        ("directive @a(x: Int) repeatable on FIELD | QUERY", {"directive_removed": "breaking"}),
        (DIRECTIVES.replace("repeatable", ""), {"directive_tightened": "breaking"}),
        (DIRECTIVES.replace("| QUERY", ""), {"directive_tightened": "breaking"}),
        (DIRECTIVES.replace("OBJECT", "OBJECT | ENUM"), {"directive_relaxed": "safe"}),
        (DIRECTIVES.replace("(x: Int)", ""), {"property_removed": "breaking"}),
        (DIRECTIVES.replace("x: Int", "x: String"), {"type_changed": "breaking"}),
        (DIRECTIVES.replace("x: Int", "x: Int y: Int"), {"property_added": "risky"}),
        (DIRECTIVES.replace("x: Int", "x: Int y: Int!"), {"property_added": "risky", "required_added": "breaking"}),
        (DIRECTIVES.replace("x: Int", "x: Int = 1"), {"default_added": "risky"}),
        ('"told" directive @b on OBJECT directive @a("x" x: Int) repeatable on QUERY | FIELD ', {}),
    ],
)
def test_changes_of_a_directive_are_told_of_the_query_type(declared: str, expected: dict[str, str]) -> None:
    rest = " type Query { a: Int } type T { a: Int }"
    found = oracle.judged(DIRECTIVES + rest, declared + rest)
    assert found.keys() == ({"Query"} if expected else set())
    assert {change.type: change.verdict.value for change in found.get("Query", ())} == expected


def test_who_holds_what_a_schema_declares() -> None:
    gone = "directive @a on FIELD "
    for rest, holders in (
        ("schema { query: R } type R { a: Int } type Query { a: Int }", {"R"}),
        ("type A { a: Int } enum E { X }", {"A", "E"}),
        ("extend type Query { a: Int } type A { a: Int }", {"Query"}),
        ("", {"@schema"}),
    ):
        found = oracle.judged(gone + "directive @b on FIELD " + rest, "directive @b on FIELD " + rest)
        assert found.keys() == holders
        assert {change.message for changes in found.values() for change in changes} == {
            "Directive @a is no longer declared."
        }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("type T { a: Int }", "type T @x(b: 1, a: 2) { a: Int }", "The type got the directive @x(a: 2, b: 1), which"),
        ("type T { a: Int @x }", "type T { a: Int }", "Member a lost the directive @x, which"),
        ("type T { a(b: Int): Int }", "type T { a(b: Int @x): Int }", "Member a.b got the directive @x, which"),
        ("enum T { A B }", "enum T { A @x B }", "Member A got the directive @x, which"),
        ("union T = Query", "union T @x = Query", "The type got the directive @x, which"),
        ("input T { a: Int @x }", "input T { a: Int @y }", "Member a got the directive @y, which"),
        ("schema { query: T } type T { a: Int }", "schema @x { query: T } type T { a: Int }", "The schema got"),
        ("scalar S type T { a: S }", "scalar S @x type T { a: S }", "Scalar S got the directive @x, which"),
    ],
)
def test_what_a_directive_does_is_not_told_so_a_use_more_or_less_is_risky(old: str, new: str, expected: str) -> None:
    rest = "" if "query" in old or "scalar" in old else " type Query { a: Int }"
    found = oracle.judged(old + rest, new + rest)["T"]
    assert {change.verdict.value for change in found} == {"risky"}
    assert any(change.message.startswith(expected) for change in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type T { a: Int }", "type T { a: Int b: Int @x }"),
        ("type T { a: Int @x b: Int @y }", "type T { b: Int @y a: Int @x }"),
        ("type T { a: Int @x(a: 1, b: 2) }", "type T { a: Int @x(b: 2, a: 1) }"),
        ("type T { a: Int }", "type T { a: Int @deprecated }"),
        ("type T { a: Int }", "directive @deprecated on FIELD_DEFINITION type T { a: Int }"),
    ],
)
def test_uses_that_make_no_difference(old: str, new: str) -> None:
    assert {change.type for change in oracle.judged(old, new).get("T", ())} <= {"property_added"}


def test_one_of_takes_one_of_several_wherever_it_stands() -> None:
    found = oracle.judged("type T { a(b: Int, c: Int): Int }", "type T { a(b: Int, c: Int): Int @oneOf }")
    assert [(change.type, change.verdict.value) for change in found["T"]] == [("directive_use_added", "breaking")]
