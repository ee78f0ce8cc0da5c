"""Sets of characters, as ranges of code points."""

from collections.abc import Iterable

TOP = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]


def ranges_of(*pairs: tuple[int, int]) -> Ranges:
    """Ranges of code points: sorted, joined where they touch."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def inverse(ranges: Ranges) -> Ranges:
    """All other characters."""
    found, start = [], 0
    for low, high in ranges:
        if low > start:
            found.append((start, low - 1))
        start = high + 1
    return tuple([*found, (start, TOP)] if start <= TOP else found)


_DIGIT = ranges_of((48, 57))
_WORD = ranges_of((48, 57), (65, 90), (95, 95), (97, 122))
LINE_ENDS = ranges_of((10, 10), (13, 13), (0x2028, 0x2029))
_SPACE = ranges_of(
    (9, 13),
    (32, 32),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE, "D": inverse(_DIGIT), "W": inverse(_WORD), "S": inverse(_SPACE)}
CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}


def liked(low: int, high: int) -> Iterable[int]:
    """Characters of a range, those that people read easily first."""
    for start, end in ((97, 122), (48, 57), (65, 90), (33, 126)):
        yield from range(max(low, start), min(high, end) + 1)
    yield from range(low, high + 1)


def rank(character: int) -> tuple[int, int]:
    """Sorts characters: those that people read easily first."""
    for n, (low, high) in enumerate(((97, 122), (48, 57), (65, 90), (33, 126), (32, 32), (9, 13), (161, 0xD7FF))):
        if low <= character <= high:
            return n, character
    return 9, character
