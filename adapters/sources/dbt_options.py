"""Options that people write into `meta` (api.md 2.5), validated one by one: a wrong one is told and left out."""

from collections.abc import Callable

import msgspec

from adapters.sources.dbt_manifest import Node
from domain.schema.change import Mode
from domain.sync.spec import ConsumerSpec
from domain.values import JSON, Object

_NAMESPACES = ("muniment", "tessera")
_OWNER = ("owner_team", "owner_user")


class Options(msgspec.Struct, kw_only=True):
    """The options of one node, with what was wrong about others; `remarks` are about names that are no option."""

    owner_team: str | None = None
    owner_user: str | None = None
    consumers: tuple[ConsumerSpec, ...] = ()
    freshness: Object | None = None
    volume: Object | None = None
    compatibility_mode: Mode | None = None
    guarantee_mode: str | None = None
    semver_mode: str | None = None
    tags: tuple[str, ...] = ()
    skip: bool = False
    problems: tuple[str, ...] = ()
    owner_problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class _Wrong(Exception):
    """Why an option cannot be used."""


_NONE = Options()


def options_of(id: str, node: Node) -> Options:
    """The options of a node; the first place that has an option wins, option by option."""
    places = _places(node)
    if not places:
        return _NONE
    groups = [(place, group) for place, group in places if isinstance(group, dict)]
    found, owner = Options(), list[str]()
    problems = [f"{place}: must be an object ({id})" for place, group in places if not isinstance(group, dict | None)]
    for name in dict.fromkeys(name for _, group in groups for name in group):
        stated = next(((place, group[name]) for place, group in groups if group.get(name) is not None), None)
        if stated is None or name not in _READERS:
            continue
        try:
            setattr(found, name, _READERS[name](stated[1]))
        except _Wrong as wrong:
            (owner if name in _OWNER else problems).append(f"{stated[0]}.{name}: {wrong} ({id})")
    found.problems, found.owner_problems = tuple(problems), tuple(owner)
    found.remarks = tuple(
        f"{place}.{name}: no such option ({id})" for place, group in groups for name in group if name not in _READERS
    )
    return found


def _places(node: Node) -> list[tuple[str, JSON]]:
    """Where options may stand, first the place that wins, with what stands there."""
    if not node.meta and not node.source_meta and not (node.config and node.config.meta):
        return []
    metas = [("meta", node.meta), ("config.meta", node.config.meta if node.config else None)]
    places = [(f"{where}.{space}", meta.get(space)) for space in _NAMESPACES for where, meta in metas if meta]
    if node.source_meta:
        places += [(f"source_meta.{space}", node.source_meta.get(space)) for space in _NAMESPACES]
    return places


def _text(value: JSON) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("must be a text that is not empty")
    return value.strip()


def _one_of(*names: str) -> Callable[[JSON], str]:
    def read(value: JSON) -> str:
        if not isinstance(value, str) or value not in names:
            raise _Wrong("must be one of " + ", ".join(names))
        return value

    return read


def _mode(value: JSON) -> Mode:
    if isinstance(value, str) and value.lower() in [mode.value for mode in Mode]:
        return Mode(value.lower())
    raise _Wrong("must be one of " + ", ".join(mode.value for mode in Mode))


def _flag(value: JSON) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false")
    return value


def _texts(value: JSON) -> tuple[str, ...]:
    texts = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(texts) != len(value):
        raise _Wrong("must be a list of texts")
    return tuple(texts)


def _consumers(value: JSON) -> tuple[ConsumerSpec, ...]:
    if not isinstance(value, list):
        raise _Wrong("must be a list of teams")
    return tuple(_consumer(each) for each in value)


def _consumer(value: JSON) -> ConsumerSpec:
    if isinstance(value, str) and value.strip():
        return ConsumerSpec(team=value.strip())
    team = value.get("team") if isinstance(value, dict) else None
    purpose = value.get("purpose") if isinstance(value, dict) else None
    if not isinstance(team, str) or not team.strip() or not (purpose is None or isinstance(purpose, str)):
        raise _Wrong("each consumer must be a team's name, or an object with `team` and perhaps `purpose`")
    return ConsumerSpec(team=team.strip(), purpose=purpose)


def _whole(value: JSON, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**63


def _freshness(value: JSON) -> Object:
    if not isinstance(value, dict) or not _whole(value.get("max_staleness_minutes"), 1):
        raise _Wrong("must be an object whose max_staleness_minutes is a whole number over 0")
    if not isinstance(value.get("measured_by"), str | None):
        raise _Wrong("measured_by must be a text")
    return value


def _volume(value: JSON) -> Object:
    if not isinstance(value, dict):
        raise _Wrong("must be an object")
    for name in ("min_rows", "max_rows"):
        if name in value and not _whole(value[name], 0):
            raise _Wrong(f"{name} must be a whole number, 0 or more")
    share = value.get("max_row_delta_pct", 0)
    if isinstance(share, bool) or not isinstance(share, int | float) or share < 0:
        raise _Wrong("max_row_delta_pct must be a number, 0 or more")
    return value


_READERS: dict[str, Callable[[JSON], object]] = {
    "owner_team": _text,
    "owner_user": _text,
    "consumers": _consumers,
    "freshness": _freshness,
    "volume": _volume,
    "compatibility_mode": _mode,
    "guarantee_mode": _one_of("notify", "strict", "ignore"),
    "semver_mode": _one_of("auto", "suggest", "enforce"),
    "tags": _texts,
    "skip": _flag,
}


def field_tags(tags: list[str] | str | None, meta: Object | None, config_meta: Object | None) -> list[str]:
    """The tags of a column: `meta.tags`, else those of our options, else the same under `config.meta`, else its own."""
    for group in (meta, config_meta):
        if not group:
            continue
        options = [group.get(space) for space in _NAMESPACES]
        stated = [group.get("tags"), *(each.get("tags") for each in options if isinstance(each, dict))]
        for value in stated:
            if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
                return [each for each in value if isinstance(each, str)]
    return list(plain_tags(tags))


def plain_tags(tags: list[str] | str | None) -> tuple[str, ...]:
    """dbt's own tags: a list, or one text."""
    if not tags:
        return ()
    return (tags,) if isinstance(tags, str) else tuple(tags)
