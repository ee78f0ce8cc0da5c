"""What the dictionary of stored schemas was trained on: texts of the forms that contracts have, with words in them.

Nothing of anybody's documents is in it. `python -m tests.adapters.log.schema_samples FILE` writes a dictionary; other
versions of zstd may write another. One that was released is kept for ever: a better one gets another number.
"""

import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from tests.conftest import ROOT

SAMPLES, SIZE, NUMBER = 2_000, 8_192, 1
GRAMMAR = ROOT / "tests" / "stored_schemas" / "grammar.txt"
WORDS = (
    "account action active address amount archived author available balance body branch category channel city"
    " code color comment company content context count country created currency customer data date deleted"
    " description details device domain duration email enabled error event expires external filter first format"
    " group height history icon id identifier image index input internal invoice item key kind label language last"
    " latitude length level limit link list locale location login message metadata method mode model month name"
    " network node number object offset option order organization owner page parent path payment percent period"
    " permission person phone plan position price primary priority private product profile project provider public"
    " quantity rate reason record reference region release report repository request required resource response"
    " result review role rule score scope section session settings shipping short size slug sort source start"
    " state status step store street subject subscription summary tag target task tax team template text time"
    " title token topic total type unit updated url usage user username valid value vendor version view visibility"
    " weight width workflow year zip"
).split()


def samples(count: int) -> Iterator[bytes]:
    """So many texts, the same ones each time."""
    chance = random.Random(NUMBER)
    choices: dict[str, list[str]] = {}
    for line in GRAMMAR.read_text().splitlines():
        name, _, form = line.partition(" ")
        choices.setdefault(name, []).append(form)

    def word() -> str:
        return chance.choice(WORDS)

    def names() -> list[str]:
        return [word() for _ in range(chance.choice((1, 1, 2, 3)))]

    drawn: dict[str, Callable[[], str]] = {
        "word": word,
        "snake": lambda: "_".join(names()),
        "Name": lambda: "".join(name.title() for name in names()),
        "camel": lambda: word() + "".join(name.title() for name in names()[1:]),
        "WORD": lambda: "_".join(names()).upper(),
        "digest": lambda: f"sha256:{chance.getrandbits(256):064x}",
    }

    def text(name: str) -> str:
        if name in drawn:
            return drawn[name]()
        return re.sub(r"<(\w+)>", lambda found: text(found[1]), chance.choice(choices[name]))

    return (text("document").encode() for _ in range(count))


def main() -> None:
    made = zstandard.train_dictionary(SIZE, [*samples(SAMPLES)], dict_id=NUMBER)
    Path(sys.argv[1]).write_bytes(made.as_bytes())


if __name__ == "__main__":
    main()
