"""Constants as terms: scalars by name, arrays and objects spelled out."""

from domain.schema.inclusion import terms as t
from domain.schema.inclusion.terms import Terms
from domain.values import JSON


def one_of(terms: Terms, values: list[JSON]) -> int:
    """The value is one of these."""
    scalars = frozenset(t.tagged(value) for value in values if not isinstance(value, dict | list))
    parts = [terms.literal(t.Scalars(scalars))] if scalars else []
    return terms.any(parts + [spelled(terms, value) for value in values if isinstance(value, dict | list)])


def spelled(terms: Terms, value: JSON) -> int:
    """The value is exactly this."""
    make = terms.literal
    if isinstance(value, list):
        parts = [make(t.Types(t.ARRAY)), make(t.MinItems(len(value))), make(t.MaxItems(len(value)))]
        return terms.all(parts + [make(t.ItemAt(n, spelled(terms, each))) for n, each in enumerate(value)])
    if isinstance(value, dict):
        parts = [make(t.Types(t.OBJECT)), make(t.MaxProperties(len(value)))]
        for name, each in value.items():
            parts += [make(t.Required(name)), make(t.Property(name, spelled(terms, each)))]
        return terms.all(parts)
    return make(t.Scalars(frozenset((t.tagged(value),))))
