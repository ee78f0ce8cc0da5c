"""Parts of a schema as schemas of their own, and whether two say the same with all that they reach."""

from domain.schema.canonical import canonical, digest
from domain.schema.documents import depends, named, refers
from domain.schema.inclusion.references import Document, Place
from domain.schema.library import Definitions, Library
from domain.values import JSON, Object


def with_digests(schema: Object) -> Object:
    """The schema, with its definitions known by their digests."""
    definitions = schema.get("$defs")
    if not isinstance(definitions, dict) or not definitions or isinstance(definitions, Definitions):
        return schema
    return {**schema, "$defs": Library(definitions).definitions(definitions)}


def standing(whole: Object, entry: JSON) -> JSON:
    """An entry as a schema that stands alone: with those definitions that it reaches."""
    definitions = whole.get("$defs")
    if not isinstance(entry, dict) or not isinstance(definitions, Definitions) or "$defs" in entry:
        return entry
    reached = definitions.reached(named(canonical(entry)) & definitions.keys())
    return {**entry, "$defs": reached} if reached else entry


def digest_standing(whole: Object, entry: JSON) -> str:
    """A digest that entries share only if they say the same with all that they reach."""
    text, definitions = canonical(entry), whole.get("$defs")
    if isinstance(definitions, Definitions):
        names = named(text) & definitions.keys()
        if names <= definitions.digests.keys() and not depends(text):
            return digest([entry, {name: definitions.digests[name] for name in names}])
    return digest(standing(whole, entry))


def lead_alike(value: JSON, old: JSON, new: JSON) -> bool:
    """Whether the references in a value lead to the same in two schemas, as far as their digests tell."""
    text = canonical(value)
    if not refers(text):
        return True
    sides = [side.get("$defs") if isinstance(side, dict) else None for side in (old, new)]
    one, other = (side.digests if isinstance(side, Definitions) else {} for side in sides)
    return not depends(text) and all(name in one and one[name] == other.get(name) for name in named(text))


def named_at(document: Document, place: Place | None) -> tuple[str, str] | None:
    """Name and digest of the definition at a place. None if none stands there, or more than its digest matters."""
    if place is None or place.base or len(place.steps) != 2 or place.steps[0] != "$defs" or document.dialect:
        return None
    definitions = document.root.get("$defs") if isinstance(document.root, dict) else None
    digest = definitions.digests.get(place.steps[1]) if isinstance(definitions, Definitions) else None
    return None if digest is None else (place.steps[1], digest)
