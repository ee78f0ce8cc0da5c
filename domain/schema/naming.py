"""Which properties schemas speak of, in the branches of their compositions too."""

from collections.abc import Callable, Iterator

from domain.schema.inclusion.references import Document, Place
from domain.schema.opening import map_of, names_of, opened
from domain.values import JSON, Object

_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")


def named(document: Document, schemas: list[JSON], base: str) -> set[str]:
    """The properties that schemas name for the same value, in branches of compositions too."""
    found: set[str] = set()
    seen: set[Place] = set()
    # A branch that takes itself in is opened as one without a place, again and again. Kept, no other has its id.
    met: dict[tuple[int, str], JSON] = {}
    pending = [(schema, base) for schema in schemas]
    while pending:
        schema, outer = pending.pop()
        if (id(schema), outer) in met:
            continue
        met[id(schema), outer] = schema
        part = opened(document, schema, outer)
        if part.place is not None and part.place in seen:
            continue
        if part.place is not None:
            seen.add(part.place)
        members = part.members or {}
        found.update(map_of(members, "properties"))
        for keyword in _LISTS:
            branches = members.get(keyword)
            pending.extend((each, part.base) for each in (branches if isinstance(branches, list) else ()))
        # A reference that stands alone even when opened leads nowhere.
        if "$ref" in members and len(members) > 1:
            pending.append(({"$ref": members["$ref"]}, part.base))
    return found


class Silence:
    """Whether a schema says nothing of a name, beyond its own `properties`: then any value may have stood there.

    A name counts as spoken of where it, a pattern that fits, or all names not listed are mentioned of the same value.
    """

    def __init__(self, document: Document, name: str, matches: Callable[[str, str], bool]) -> None:
        self._document = document
        self._name = name
        self._matches = matches
        self._seen: set[Place] = set()
        self._met: dict[tuple[int, str], JSON] = {}

    def holds(self, members: Object, base: str) -> bool:
        """Whether opened members say nothing. Raises `Undecided`."""
        return not self._depends(members) and all(self._branch(each, base) for each in _branches(members))

    def _branch(self, schema: JSON, base: str) -> bool:
        if (id(schema), base) in self._met:
            return True
        self._met[id(schema), base] = schema
        part = opened(self._document, schema, base)
        if part.place is not None and part.place in self._seen:
            return True
        if part.place is not None:
            self._seen.add(part.place)
        members = part.members or {}
        if members.keys() == {"$ref"}:
            return False  # it leads nowhere that we can see, and so may say anything
        patterns = map_of(members, "patternProperties")
        mentioned = (
            self._name in map_of(members, "properties")
            or self._name in names_of(members.get("required"))
            or any(self._matches(pattern, self._name) for pattern in patterns)
            or members.get("additionalProperties", True) not in (True, {})
        )
        if mentioned or self._depends(members):
            return False
        return all(self._branch(each, part.base) for each in _branches(members))

    def _depends(self, members: Object) -> bool:
        """Whether keywords that look at the object as a whole may speak of the name."""
        needed = [map_of(members, keyword) for keyword in ("dependencies", "dependentRequired", "dependentSchemas")]
        listed = members.get("enum", [])
        values = [*(listed if isinstance(listed, list) else [listed]), members.get("const")]
        return (
            members.get("unevaluatedProperties", True) not in (True, {})
            or any(isinstance(value, dict) for value in values)
            or any(self._name in each or any(self._name in names_of(v) for v in each.values()) for each in needed)
        )


def _branches(members: Object) -> Iterator[JSON]:
    """The schemas that may hold of the same value; a reference stays one."""
    for keyword in _LISTS:
        branches = members.get(keyword)
        yield from branches if isinstance(branches, list) else ()
    yield from (members[keyword] for keyword in _SINGLE if keyword in members)
    for keyword in ("dependencies", "dependentSchemas"):
        yield from (each for each in map_of(members, keyword).values() if isinstance(each, dict))
    for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        if keyword in members:
            yield {"$ref": members[keyword]}
