"""Real manifests from the shared corpora, where these are at hand."""

import gzip
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "dbt"
needs_corpora = pytest.mark.skipif(not FOLDER.exists(), reason="the shared corpora (../shared) are not here")


def single() -> list[Path]:
    """Manifests that stand alone."""
    return [path for path in sorted(FOLDER.glob("*/*.gz")) if not path.parent.name.startswith("series_")]


def series() -> list[list[Path]]:
    """Histories of one manifest, oldest first, and the pair of one pull request."""
    found = [sorted(folder.glob("*.gz")) for folder in sorted(FOLDER.glob("series_*"))]
    pair = sorted((FOLDER / "recce").glob("pair_*.gz"))
    return [*found, *([pair] if pair else [])]


def text(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())
