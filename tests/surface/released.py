"""The API's released description, docs/openapi.json: `python -m tests.surface.released` makes it from today's.

Run it with a release, and for a breaking change that is meant (say so in CHANGELOG.md): the gate of test_released.py
compares with this copy.
"""

from typing import Any

import msgspec

from adapters.http.description import document
from tests.conftest import ROOT

FILE = ROOT / "docs" / "openapi.json"


def today() -> dict[str, Any]:
    """Today's description without its examples, which promise nothing."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document()))
    for methods in plain["paths"].values():
        for operation in methods.values():
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in part.get("content", {}).values():
                    media.pop("example", None)
    return plain


def main() -> None:
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(today()), indent=1) + b"\n")
    print(f"{FILE.relative_to(ROOT)} describes {len(today()['paths'])} paths.")


if __name__ == "__main__":
    main()
