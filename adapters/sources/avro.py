"""Avro schemas (the Apache Avro 1.12 specification) as JSON Schemas of the same data written as plain JSON.

Records stay open, as readers of Avro skip fields that they do not know. A field with a default may be left out. Unions
become `anyOf`, without Avro's wrappers; bytes and fixed are texts. Numbers keep the bounds of their type, so that `int`
to `long` widens. Names lead to `$defs`; the root stands in its place, so that paths begin at its fields.
"""

import re
from collections.abc import Iterator

from domain.values import JSON, Object

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FULL_NAME = re.compile(rf"{_NAME.pattern}(\.{_NAME.pattern})*")


def _whole(bits: int) -> Object:
    return {"type": "integer", "minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}


_PRIMITIVES: dict[str, Object] = {
    "null": {"type": "null"},
    "boolean": {"type": "boolean"},
    "int": _whole(32),
    "long": _whole(64),
    "float": {"type": "number"},
    "double": {"type": "number"},
    "bytes": {"type": "string"},
    "string": {"type": "string"},
}
_FORMATS = {("string", "uuid"): "uuid"}
_COMPLEX = ("record", "error", "enum", "array", "map", "fixed")


def to_json_schema(schema: Object) -> tuple[Object, list[str]]:
    """The JSON Schema, and every reason why the Avro schema is none, each with its place (then the first is void)."""
    reading = _Reading()
    converted = reading.type(schema, "#", "")
    if reading.errors:
        return {}, reading.errors
    return reading.whole(converted), []


class _Reading:
    """One schema on its way: named types so far, and what is wrong."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._named: dict[str, Object] = {}

    def whole(self, root: Object) -> Object:
        """The root with the definitions that it refers to."""
        reference = root.get("$ref")
        if isinstance(reference, str):
            root = self._named[reference.removeprefix("#/$defs/")]
        referred = {*_references([root, *self._named.values()])}
        definitions: Object = {name: each for name, each in self._named.items() if f"#/$defs/{name}" in referred}
        return {**root, "$defs": definitions} if definitions else root

    def _fail(self, place: str, why: str) -> Object:
        self.errors.append(f"{place}: {why}")
        return {}

    def type(self, schema: JSON, place: str, space: str) -> Object:
        """Any type: by name, a union, or an object that says more. `space` is the namespace around it."""
        if isinstance(schema, str):
            return self._by_name(schema, place, space)
        if isinstance(schema, list):
            return self._union(schema, place, space)
        if not isinstance(schema, dict):
            return self._fail(place, "a type is a name, a list or an object")
        kind = schema.get("type")
        if isinstance(kind, str) and kind in _COMPLEX:
            return self._complex(kind, schema, place, space)
        if kind is None:
            return self._fail(f"{place}/type", "is missing")
        inner = self.type(kind, f"{place}/type", space)
        format = _FORMATS.get((str(kind), str(schema.get("logicalType"))))
        return {**inner, "format": format} if format else inner

    def _by_name(self, name: str, place: str, space: str) -> Object:
        if name in _PRIMITIVES:
            return {**_PRIMITIVES[name]}
        full = name if "." in name or not space else f"{space}.{name}"
        for known in (full, name):
            if known in self._named:
                return {"$ref": f"#/$defs/{known}"}
        return self._fail(place, f"{name[:100]!r} is no type that is known here")

    def _union(self, branches: list[JSON], place: str, space: str) -> Object:
        if not branches:
            return self._fail(place, "a union has a branch at least")
        kinds = [_kind(branch) for branch in branches]
        if "union" in kinds:
            return self._fail(place, "a union does not hold another one")
        twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
        if twice:
            return self._fail(place, f"{twice[0][:100]!r} stands twice in a union")
        found = [self.type(branch, f"{place}/{n}", space) for n, branch in enumerate(branches)]
        return _nullable(found) or {"anyOf": [*found]}

    def _complex(self, kind: str, schema: Object, place: str, space: str) -> Object:
        if kind == "array":
            return {"type": "array", "items": self.type(schema.get("items"), f"{place}/items", space)}
        if kind == "map":
            return {"type": "object", "additionalProperties": self.type(schema.get("values"), f"{place}/values", space)}
        full = self._full_name(schema, place, space)
        if full is None:
            return {}
        made: Object = {}
        self._named[full] = made
        space = full.rpartition(".")[0]
        parts = {"enum": self._enum, "fixed": self._fixed}.get(kind, self._record)
        made.update(parts(schema, place, space))
        if isinstance(doc := schema.get("doc"), str):
            made["description"] = doc
        return {"$ref": f"#/$defs/{full}"}

    def _full_name(self, schema: Object, place: str, space: str) -> str | None:
        name, stated = schema.get("name"), schema.get("namespace", space)
        full = f"{stated}.{name}" if stated and isinstance(name, str) and "." not in name else name
        if not isinstance(full, str) or not _FULL_NAME.fullmatch(full):
            self._fail(f"{place}/name", "must be names of letters, digits and underscores, joined by dots")
            return None
        if full in self._named or full in _PRIMITIVES:
            self._fail(f"{place}/name", f"{full[:100]!r} is defined already")
            return None
        return full

    def _record(self, schema: Object, place: str, space: str) -> Object:
        fields = schema.get("fields")
        if not isinstance(fields, list):
            return self._fail(f"{place}/fields", "must be a list")
        properties: Object = {}
        required: list[JSON] = []
        for n, field in enumerate(fields):
            where = f"{place}/fields/{n}"
            name = field.get("name") if isinstance(field, dict) else None
            if not isinstance(field, dict) or not isinstance(name, str) or not _NAME.fullmatch(name):
                self._fail(where, "a field is an object with a name")
                continue
            if name in properties:
                self._fail(where, f"the field {name[:100]!r} stands twice")
            properties[name] = self._field(field, where, space)
            required += [] if "default" in field else [name]
        return {"type": "object", "properties": properties, "required": required}

    def _field(self, field: Object, place: str, space: str) -> Object:
        if "type" not in field:
            return self._fail(f"{place}/type", "is missing")
        found = self.type(field["type"], f"{place}/type", space)
        if isinstance(doc := field.get("doc"), str):
            found["description"] = doc
        if "default" in field:
            found["default"] = field["default"]
        return found

    def _enum(self, schema: Object, place: str, space: str) -> Object:
        stated = schema.get("symbols")
        symbols: list[JSON] = stated if isinstance(stated, list) else []
        names = {symbol for symbol in symbols if isinstance(symbol, str) and _NAME.fullmatch(symbol)}
        if not symbols or len(names) != len(symbols):
            return self._fail(f"{place}/symbols", "must be a list of different names")
        return {"type": "string", "enum": symbols}

    def _fixed(self, schema: Object, place: str, space: str) -> Object:
        size = schema.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            return self._fail(f"{place}/size", "must be a whole number, 0 or more")
        return {"type": "string", "minLength": size, "maxLength": size}


def _nullable(branches: list[Object]) -> Object | None:
    """A type or null as one schema, where the type stands in its place."""
    null = {"type": "null"}
    others = [branch for branch in branches if branch != null]
    if len(branches) != 2 or len(others) != 1 or "type" not in others[0]:
        return None
    return {**others[0], "type": [others[0]["type"], "null"]}


def _kind(branch: JSON) -> str:
    """What tells a branch of a union from the others: its name if it has one, else its kind."""
    if isinstance(branch, list):
        return "union"
    if not isinstance(branch, dict):
        return str(branch)
    if "name" in branch:
        return f"{branch.get('namespace', '')}.{branch['name']}"
    return _kind(branch.get("type"))


def _references(value: JSON) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)
