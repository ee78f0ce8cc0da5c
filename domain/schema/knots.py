"""Knots: which of the things that name each other lead back to themselves."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def knots(names: Mapping[Node, Iterable[Node]]) -> Iterator[list[Node]]:
    """The strongly connected components of a graph, each after all that it leads to (Tarjan 1972).

    `names` has the neighbours of every node. Nothing is nested, however long a chain is.
    """
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    waiting: dict[Node, None] = {}
    for start in names:
        path: list[tuple[Node, Iterator[Node]]] = []
        found: Node | None = None if start in order else start
        while path or found is not None:
            if found is not None:
                order[found] = lowest[found] = len(order)
                waiting[found] = None
                path.append((found, iter(names[found])))
            node, rest = path[-1]
            found = None
            for each in rest:
                if each not in order:
                    found = each
                    break
                if each in waiting:
                    lowest[node] = min(lowest[node], order[each])
            if found is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    yield _taken(waiting, node)


def _taken(waiting: dict[Node, None], first: Node) -> list[Node]:
    """What was found since the first node of a knot, and with it; no longer waiting."""
    knot = [waiting.popitem()[0]]
    while knot[-1] != first:
        knot.append(waiting.popitem()[0])
    return knot
