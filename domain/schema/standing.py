"""Parts of a schema as schemas of their own, and whether two say the same with all that they reach."""

from domain.schema.canonical import canonical, digest
from domain.schema.documents import depends, named
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
    sides = [side.get("$defs") if isinstance(side, dict) else None for side in (old, new)]
    one, other = (side.digests if isinstance(side, Definitions) else {} for side in sides)
    text = canonical(value)
    return not depends(text) and all(name in one and one[name] == other.get(name) for name in named(text))
