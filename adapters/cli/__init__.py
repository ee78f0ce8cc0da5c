"""The command line: `muniment serve`, `sync`, `diff`, `impact`, `history`, `status`, `rebuild`, `team`, `key`, …"""

from adapters.cli.arguments import main

__all__ = ["main"]
