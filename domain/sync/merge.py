"""Three-way merge of metadata: what a source writes goes with the source, what people write stays (api.md 2.1)."""

from domain.values import Object


def merged(base: Object, current: Object, new: Object) -> Object:
    """`current` after a source that last wrote `base` writes `new`.

    Keys that the source wrote and no longer has go; keys that people wrote stay, at every depth; where both wrote a
    key, the document wins.
    """
    if current == base:
        return new
    result: Object = {}
    for key, value in current.items():
        if key not in new and key not in base:
            result[key] = value
    for key, value in new.items():
        was, now = base.get(key), current.get(key)
        if isinstance(value, dict) and isinstance(now, dict):
            result[key] = merged(was if isinstance(was, dict) else {}, now, value)
        else:
            result[key] = value
    return _with_nested_leftovers(base, current, new, result)


def _with_nested_leftovers(base: Object, current: Object, new: Object, result: Object) -> Object:
    """Keep what people put into, or in the place of, a value that the source wrote and has now dropped."""
    for key, now in current.items():
        was = base.get(key)
        if key in new or key not in base or not isinstance(now, dict):
            continue
        leftovers = merged(was if isinstance(was, dict) else {}, now, {})
        if leftovers:
            result[key] = leftovers
    return result
