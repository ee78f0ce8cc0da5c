"""The way in. In a wheel this file is `muniment/__main__.py`; in a checkout it runs as `python -m adapters.launch`.

The three folders import each other plainly (`from domain.asset import …`). Installed, they lie inside one package, so
that folder has to be found first: by this process, and by the workers that it starts.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command line."""
    folder = str(Path(__file__).resolve().parent)
    if Path(folder).name == "muniment":
        sys.path.insert(0, folder)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
    from adapters.cli import main as run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
