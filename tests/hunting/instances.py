"""Values to try on schemas: near what they mention, right or just wrong. Knows nothing of the engine."""

from random import Random
from typing import Any

_PLAIN: list[Any] = [None, True, False, 0, 1, -1, 2, 0.5, 10, 3.3, "", "a", "b", "ab", "foo", "bar", "x-1", "1", [], {}]


class Sampler:
    """Draws values for one schema document."""

    def __init__(self, random: Random, root: Any) -> None:
        self._random = random
        self._root = root

    def value(self, schema: Any, depth: int = 0) -> Any:
        """A value that has some chance to satisfy the schema."""
        random = self._random
        if not isinstance(schema, dict) or depth > 5 or random.random() < 0.08:
            return random.choice(_PLAIN)
        schema = self._followed(schema)
        if "const" in schema and random.random() < 0.8:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"] and random.random() < 0.8:
            return random.choice(schema["enum"])
        branches = [b for k in ("anyOf", "oneOf", "allOf") if isinstance(schema.get(k), list) for b in schema[k]]
        branches += [schema[k] for k in ("then", "else", "if", "not") if k in schema]
        if branches and random.random() < 0.4:
            return self._joined(self.value(random.choice(branches), depth + 1), schema, depth)
        return self._of_type(schema, depth)

    def _followed(self, schema: dict[str, Any]) -> dict[str, Any]:
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return schema
        value = self._root
        for step in reference[1:].split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            value = value.get(step) if isinstance(value, dict) else None
        return {**value, **{k: v for k, v in schema.items() if k != "$ref"}} if isinstance(value, dict) else schema

    def _joined(self, value: Any, schema: dict[str, Any], depth: int) -> Any:
        """The value of a branch, with what the schema itself asks of objects."""
        if isinstance(value, dict) and ("properties" in schema or "required" in schema):
            return {**self._object(schema, depth), **value}
        return value

    def _of_type(self, schema: dict[str, Any], depth: int) -> Any:
        stated = schema.get("type")
        names = stated if isinstance(stated, list) else [stated] if isinstance(stated, str) else self._implied(schema)
        kind = self._random.choice(names or ["string"])
        makers = {"object": self._object, "array": self._array, "string": self._string}
        if kind in makers:
            return makers[kind](schema, depth)
        if kind in ("integer", "number"):
            return self._number(schema, kind)
        return {"null": None, "boolean": self._random.random() < 0.5}.get(kind)

    @staticmethod
    def _implied(schema: dict[str, Any]) -> list[str]:
        kinds = {
            "object": ("properties", "required", "Propert", "dependent", "additional"),
            "array": ("tems", "ontains"),
            "string": ("Length", "pattern"),
            "number": ("inimum", "aximum", "multipleOf"),
        }
        found = [kind for kind, parts in kinds.items() if any(part in keyword for keyword in schema for part in parts)]
        return found or ["null", "boolean", "integer", "number", "string", "array", "object"]

    def _number(self, schema: dict[str, Any], kind: str) -> Any:
        edges = [schema[k] for k in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") if k in schema]
        near = self._random.choice([*[e for e in edges if isinstance(e, int | float)], 0, 1])
        step = schema.get("multipleOf", 1)
        value = near + self._random.choice([-1, 0, 0, 1, 0.5, 0.1, step, -step])
        if isinstance(step, int | float) and self._random.random() < 0.5:
            value = round(value / step) * step
        return int(value) if kind == "integer" and self._random.random() < 0.9 else value

    def _string(self, schema: dict[str, Any], depth: int) -> str:
        random = self._random
        lengths = [schema[k] for k in ("minLength", "maxLength") if isinstance(schema.get(k), int)]
        length = max(0, random.choice([*lengths, *lengths, 0, 1, 2, 3]) + random.choice([-1, 0, 0, 1]))
        alphabet = random.choice(["ab", "abfoo", "x-1", "0123", "abc.Z "])
        words = ["foo", "bar", "a", "xb", "x-1", "12"]
        return random.choice([*words, *["".join(random.choice(alphabet) for _ in range(min(length, 50)))] * 8])

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        random = self._random
        prefix = schema.get("prefixItems", schema["items"] if isinstance(schema.get("items"), list) else [])
        prefix = prefix if isinstance(prefix, list) else []
        rest = schema.get("items") if not isinstance(schema.get("items"), list) else schema.get("additionalItems")
        sizes = [schema[k] for k in ("minItems", "maxItems", "minContains") if isinstance(schema.get(k), int)]
        size = max(0, random.choice([*sizes, *sizes, len(prefix), 0, 1, 2]) + random.choice([-1, 0, 0, 0, 1]))
        found = [
            self.value(
                prefix[n] if n < len(prefix) else random.choice([rest, rest, schema.get("contains", rest)]), depth + 1
            )
            for n in range(min(size, 8))
        ]
        if found and random.random() < 0.15:
            found.append(random.choice(found))
        return found

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        random = self._random
        stated, named = schema.get("properties"), schema.get("required")
        properties: dict[str, Any] = stated if isinstance(stated, dict) else {}
        required: list[Any] = named if isinstance(named, list) else []
        wanted = [name for name in required if random.random() < 0.95]
        share = random.choice([0.0, 0.3, 0.7, 1.0])
        wanted += [name for name in properties if name not in wanted and random.random() < share]
        if random.random() < 0.3:
            wanted.append(random.choice(["a", "b", "foo", "bar", "x-1", "id", "zz", "12"]))
        others = schema.get("additionalProperties")
        patterns = list((schema.get("patternProperties") or {}).values()) if "patternProperties" in schema else []
        return {
            name: self.value(properties.get(name, random.choice([others, *patterns])), depth + 1)
            for name in wanted
            if isinstance(name, str)
        }
