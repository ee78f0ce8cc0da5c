"""References within an OpenAPI document. Nothing outside of it is ever looked at."""

from typing import TypeAlias
from urllib.parse import quote, unquote

from domain.values import JSON, Object

# A place in the document: the place around it, and the step from there. None is the document itself.
Place: TypeAlias = "tuple[Place, str] | None"


class Unreadable(Exception):
    """A part of the document that cannot be read: where it is, as a JSON Pointer, and why."""

    def __init__(self, place: Place, why: str) -> None:
        super().__init__(f"{pointer(place)}: {why}")


class UnreadableDefinition(Unreadable):
    """A definition that cannot be read, wherever it is named; `why` has its place."""

    def __init__(self, why: str) -> None:
        Exception.__init__(self, why)


def pointer(place: Place) -> str:
    """A place as a JSON Pointer in a fragment: `#/paths/~1users/get`."""
    steps: list[str] = []
    while place is not None:
        place, step = place
        steps.append(escaped(step))
    return "#" + "".join("/" + step for step in reversed(steps))


def escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def reference_to(name: str) -> str:
    """The reference to a definition of a contract's schema."""
    return "#/$defs/" + quote(escaped(name), safe="!$&'()*+,;=:@-._~")


def definition_named(reference: str) -> str:
    """The definition that such a reference leads to."""
    return unquote(reference.removeprefix("#/$defs/")).replace("~1", "/").replace("~0", "~")


class References:
    """Follows the references of one document."""

    def __init__(self, root: Object) -> None:
        self._root = root
        # Where chains of references end, by each place on the way: no chain is walked twice.
        self._ends: dict[Place, tuple[JSON, Place] | Unreadable] = {}
        # The same by the first reference, for those that end somewhere.
        self._resolved: dict[str, tuple[JSON, Place]] = {}
        # Where references lead: most are written many times.
        self._targets: dict[str, tuple[JSON, Place]] = {}

    def resolved(self, value: JSON, place: Place) -> tuple[JSON, Place]:
        """What stands at a place, references followed, and where that is. Raises `Unreadable`."""
        if not isinstance(value, dict) or "$ref" not in value:
            return value, place
        reference = value["$ref"]
        if isinstance(reference, str) and reference in self._resolved:
            return self._resolved[reference]
        passed = {place: None}
        end: tuple[JSON, Place] | Unreadable | None = None
        while end is None and isinstance(value, dict) and "$ref" in value:
            try:
                value, target = self.target(value["$ref"], (place, "$ref"))
                if target in passed:
                    raise Unreadable(place, "a reference to itself")
                end = self._ends.get(target)
                place, passed[target] = target, None
            except Unreadable as error:
                end = error
        end = end or (value, place)
        self._ends.update(dict.fromkeys(passed, end))
        if isinstance(end, Unreadable):
            raise end
        self._resolved[str(reference)] = end
        return end

    def target(self, reference: JSON, place: Place) -> tuple[JSON, Place]:
        """What a reference leads to, and where that is. `place` is the reference's. Raises `Unreadable`."""
        if not isinstance(reference, str):
            raise Unreadable(place, "a reference must be a text")
        if reference not in self._targets:
            self._targets[reference] = self._found(reference, place)
        return self._targets[reference]

    def _found(self, reference: str, place: Place) -> tuple[JSON, Place]:
        if not reference.startswith("#"):
            raise Unreadable(place, f"a reference to another document, {reference[:200]!r}, is never followed")
        fragment = unquote(reference[1:])
        if fragment and not fragment.startswith("/"):
            raise Unreadable(place, f"{reference[:200]!r} names an anchor, and no JSON Pointer")
        value: JSON = self._root
        found: Place = None
        for step in fragment[1:].split("/") if fragment else ():
            step = step.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(value):
                value = value[int(step[:9])]
            else:
                raise Unreadable(place, f"{reference[:200]!r} leads nowhere")
            found = (found, step)
        return value, found
