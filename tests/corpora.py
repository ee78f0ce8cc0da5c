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
    return [*found, sorted((FOLDER / "recce").glob("pair_*.gz"))]


def descriptions() -> list[Path]:
    """OpenAPI descriptions that stand alone, oasdiff's pairs aside."""
    kinds = (".json", ".json.gz", ".yaml", ".yml", ".yaml.gz")
    every = (FOLDER.parent / "openapi").glob("*/**/*")
    return sorted(path for path in every if path.name.endswith(kinds) and "oasdiff" not in str(path))


def releases() -> list[list[Path]]:
    """Histories of one OpenAPI description, oldest first."""
    return [sorted(folder.iterdir()) for folder in sorted((FOLDER.parent / "openapi").glob("series_*"))]


def text(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())
