"""Real descriptions: previews, syncs and second syncs agree; oasdiff's pairs. `scripts/oasdiff` takes all of them."""

from pathlib import Path

import pytest

from adapters.cli.descriptions import description
from adapters.sources.openapi import Naming, read
from tests import corpora
from tests.conftest import ROOT, Server
from tests.openapi import pairs
from tests.openapi.releases import released, step
from tests.openapi.worlds import Apis

SAMPLES = [ROOT / "samples" / "box_before.json.gz", ROOT / "samples" / "box_after.json.gz"]
_SIZE_IN_THE_GATE = 400_000


def test_releases_of_the_samples_agree_item_by_item(shared_server: Server) -> None:
    apis = Apis(shared_server, shared_server.target)
    texts = [description(str(path)) for path in SAMPLES]
    done = [step(apis, texts[0]), step(apis, texts[1], released(texts[0]))]
    assert [answer["endpoints_processed"] for answer in done] == [296, 296]
    assert [answer["contracts"]["published"] for answer in done] == [296, 13]


@corpora.needs_corpora
def test_every_small_description_can_be_read_and_no_two_operations_share_a_name() -> None:
    names: list[str] = []
    for path in corpora.descriptions():
        if path.stat().st_size < _SIZE_IN_THE_GATE and path.name not in _REFUSED and "series" not in str(path):
            found = read(description(str(path)), Naming("api", "api"))
            fqns = [spec.fqn for spec in found.specs]
            assert len({*fqns}) == len(fqns), path
            assert _unread(path) or not found.errors, (path, found.errors[0])
            names += fqns
    assert len(names) > 1_000


# Swagger 2.0, and a file with a key that stands twice.
_REFUSED = {"swagger20.json.gz", "stripe-old.yaml.gz"}


def _unread(path: Path) -> bool:
    """Whether the description refers to files that the corpora do not have."""
    return path.name in {"mixedref-burgershop.openapi.yaml", "vendor-extensions-test.yaml.gz"}


@corpora.needs_corpora
def test_no_pair_of_oasdiff_is_judged_milder_without_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["pairs"])
    assert pairs.main() == 0
