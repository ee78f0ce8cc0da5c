"""Where a difference stands in each of two documents: behind references and within `allOf`, as JSON Pointers."""

from collections import deque
from collections.abc import Mapping

from domain.schema.difference import Steps, pointer_of
from domain.schema.inclusion.references import Document, Outside, Place, rebased
from domain.values import JSON

# Where a step is looked for at most.
_MOST_PLACES = 100


def located(document: Document, steps: Steps, renumbered: Mapping[Steps, str]) -> str | None:
    """The pointer of steps of a walk, or None if nothing stands there in this document.

    `renumbered` has the places of branches that this document has elsewhere than the walk says.
    """
    here = _Here(document, document.root, Place())
    for n, step in enumerate(steps):
        moved = here.under(renumbered.get(steps[: n + 1], step))
        if moved is None:
            return None
        here = moved
    return pointer_of(here.place.steps)


class _Here:
    def __init__(self, document: Document, value: JSON, place: Place) -> None:
        self._document = document
        self.value = value
        base = rebased(value, place.base, document) if isinstance(value, dict) else place.base
        self.place = Place(place.steps, base)

    def under(self, step: str) -> "_Here | None":
        """What stands under a step: here, where references lead, or in branches of `allOf`, the nearest first."""
        seen: set[Place] = set()
        pending: deque[_Here] = deque([self])
        while pending and len(seen) < _MOST_PLACES:
            here = pending.popleft()
            if here.place in seen:
                continue
            seen.add(here.place)
            direct = here._child(step)
            if direct is not None:
                return direct
            pending.extend(each for each in (here._behind(), *here._branches()) if each is not None)
        return None

    def _child(self, step: str) -> "_Here | None":
        if isinstance(self.value, dict) and step in self.value:
            return _Here(self._document, self.value[step], Place((*self.place.steps, step), self.place.base))
        if isinstance(self.value, list) and step.isdecimal() and int(step) < len(self.value):
            return _Here(self._document, self.value[int(step)], Place((*self.place.steps, step), self.place.base))
        return None

    def _behind(self) -> "_Here | None":
        reference = self.value.get("$ref") if isinstance(self.value, dict) else None
        if not isinstance(reference, str):
            return None
        try:
            place = self._document.follow(reference, self.place.base)
        except Outside:
            return None
        return _Here(self._document, self._document.at(place), place)

    def _branches(self) -> "list[_Here | None]":
        all_of = self._child("allOf") if isinstance(self.value, dict) else None
        count = len(all_of.value) if all_of is not None and isinstance(all_of.value, list) else 0
        return [all_of._child(str(n)) for n in range(min(count, _MOST_PLACES))] if all_of is not None else []
