"""`python -m tests.surface`: the routes beside the design's page; `planted`: whether tests notice a route's loss."""

import sys

from adapters.http.description import key_of
from adapters.http.documentation import DOCUMENTATION
from adapters.http.health import HEALTH
from adapters.http.routes import ROUTES
from tests.surface.page import PAGE, Named, named, open_path
from tests.surface.planting import main as plant


def there() -> set[str]:
    """Every operation that the server has, with the names of ids left open."""
    open_to_all = {f"GET {path}" for path in (*HEALTH, *DOCUMENTATION)}
    return {open_path(key_of(route)) for route in ROUTES} | open_to_all


def holes() -> list[Named]:
    """The operations that the page names and the server does not have."""
    return [each for each in named() if each.key not in there()]


def main() -> int:
    """1 if an operation of a CORE section is missing."""
    if not PAGE.exists():
        print(f"There is no {PAGE}.", file=sys.stderr)
        return 2
    missing = holes()
    for each in named():
        tier, state = "CORE" if each.core else "EXTENDED", "MISSING" if each in missing else "there"
        print(f"{each.section:5} {tier:9} {state:8} {each.key}")
    beyond = sorted(there() - {each.key for each in named()})
    core = [each for each in missing if each.core]
    print(f"{len(named())} operations named, {len(missing)} missing, {len(core)} of them CORE.")
    print(f"Beyond the page: {', '.join(beyond) or 'nothing'}.")
    return 1 if core else 0


if __name__ == "__main__":
    sys.exit(plant(sys.argv[2:]) if sys.argv[1:2] == ["planted"] else main())
