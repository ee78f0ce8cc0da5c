"""Document requests as they come in: options checked, the document read (api.md 2.1, 2.4)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Raw

from adapters.depth import with_depth_limit
from adapters.http.call import malformed, shape_error
from adapters.http.lists import Uuid
from adapters.http.problems import invalid
from adapters.sources import dbt
from adapters.sources.errors import InvalidDocument
from adapters.sources.places import require_utf8
from domain.errors import Refused
from domain.sync.options import ConflictMode, SyncOptions
from domain.sync.spec import Document
from domain.values import Object

if TYPE_CHECKING:
    from adapters.syncing import Job

_DOCUMENTS = {
    "sync": ("manifest", "catalog"),
    "impact": ("manifest", "catalog", "base"),
    "diff": ("manifest", "catalog", "base"),
}
_BARE = ("nodes", "sources", "metadata")
Text200 = Annotated[str, msgspec.Meta(max_length=200)]


class DbtOptions(SyncOptions, frozen=True, kw_only=True):
    """The scalar members of a dbt request, with their bounds."""

    owner_team_id: Uuid | None = None
    environment: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] = "production"
    commit: Text200 | None = None
    expected_deletions: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    project: Text200 | None = None
    dry_run: bool = False
    fail_on_breaking: bool = True


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A document request, read. `stated` are the sync options that it carried."""

    document: Document
    digest: str
    options: SyncOptions
    stated: Object = {}
    dry_run: bool = False
    fail_on_breaking: bool = True
    base: Document | None = None
    warnings: tuple[str, ...] = ()


class _LastRead:
    """The document that this process read last. Reading looks at nothing but the bytes: the same are the same document.

    So the sync after a diff or a dry run, and the identical sync, do not read again. One is kept, and it is let go
    before another is read.
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[str, ...], Document] | None = None

    def read(self, key: tuple[str, ...], reading: Callable[[], Document]) -> Document:
        """The document whose bytes and options have this digest."""
        kept, self._kept = self._kept, None
        if kept is None or kept[0] != key:
            kept = None
            kept = key, reading()
        self._kept = kept
        return kept[1]


_last_read = _LastRead()
_KNOWN = frozenset(DbtOptions.__struct_fields__)
_OPTIONS = {
    "sync": _KNOWN - {"fail_on_breaking"},
    "impact": frozenset({"owner_team_id", "project", "environment"}),
    "diff": _KNOWN,
}
_NOT_SYNC = frozenset({"project", "dry_run", "fail_on_breaking", "environment"})


def read_document(job: Job) -> Envelope:
    """Read the request of a job. Raises `Refused`: shape, then scope, then the document."""
    body = job.body.read_bytes().removeprefix(b"\xef\xbb\xbf")
    members = _members(body)
    known, documents, query = _OPTIONS[job.action], _DOCUMENTS[job.action], dict(job.query)
    if job.may_be_bare and "manifest" not in members and any(name in members for name in _BARE):
        options, stated, unknown = _from_query(query, known), set(query), [*sorted(query.keys() - known)]
        members = {"manifest": Raw(body)}
    else:
        options, stated = _from_members(members, known), set(members)
        unknown = [*sorted(stated - known - {*documents}), *sorted(query)]
        members = {name: value for name, value in members.items() if name in documents}
    _require_object(members)
    if job.action == "sync" and not options.dry_run and not job.may_write:
        raise Refused("INSUFFICIENT_SCOPE", "This key may not write.", {"required_scope": "write"})
    digest = _digest(members["manifest"])
    stated_options: Object = msgspec.to_builtins(
        {name: getattr(options, name) for name in sorted(stated & known - _NOT_SYNC)}
    )
    return Envelope(
        document=_read(members, "manifest", digest, options.project),
        digest=digest,
        options=_lowered(options),
        stated=stated_options,
        dry_run=options.dry_run,
        fail_on_breaking=options.fail_on_breaking,
        base=None if _absent(members, "base") else _read(members, "base", _digest(members["base"]), options.project),
        warnings=tuple(f"The request's member {name[:100]!r} is unknown here and has no effect." for name in unknown),
    )


def _members(body: bytes) -> dict[str, Raw]:
    try:
        require_utf8(body)
        return with_depth_limit(lambda: msgspec.json.decode(body, type=dict[str, Raw]), body)
    except msgspec.ValidationError as error:
        raise shape_error("body", error) from None
    except RecursionError:
        raise Refused("MALFORMED_JSON", "The body is nested deeper than 100 levels.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(body, error) from None


def _from_query(query: dict[str, str], known: frozenset[str]) -> DbtOptions:
    _check_conflict_mode(query.get("conflict_mode"))
    scalars = {name: value for name, value in query.items() if name in known}
    try:
        return _without_nul(msgspec.convert(scalars, DbtOptions, strict=False), "query")
    except msgspec.ValidationError as error:
        raise shape_error("query", error) from None


def _from_members(members: dict[str, Raw], known: frozenset[str]) -> DbtOptions:
    scalars = {name: value for name, value in members.items() if name in known}
    try:
        if "conflict_mode" in scalars:
            _check_conflict_mode(msgspec.json.decode(scalars["conflict_mode"]))
        return _without_nul(msgspec.json.decode(msgspec.json.encode(scalars), type=DbtOptions), "body")
    except msgspec.ValidationError as error:
        raise shape_error("body", error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(b"", error) from None


def _without_nul(options: DbtOptions, part: str) -> DbtOptions:
    for name in ("environment", "commit", "project"):
        if "\0" in (getattr(options, name) or ""):
            raise invalid(f"{part}.{name}", "must not contain a NUL character")
    return options


def _check_conflict_mode(value: object) -> None:
    if value is not None and value not in [mode.value for mode in ConflictMode]:
        raise Refused("CONFLICT_MODE_INVALID", "conflict_mode is one of ignore, overwrite, fail.")


def _absent(members: dict[str, Raw], name: str) -> bool:
    return name not in members or bytes(memoryview(members[name])[:5]) == b"null"


def _digest(text: Raw) -> str:
    return "sha256:" + sha256(text).hexdigest()


def _require_object(members: dict[str, Raw]) -> None:
    if "manifest" not in members:
        raise invalid("body.manifest", "is required", "missing")
    for name in ("manifest", "catalog", "base"):
        optional = name != "manifest" and _absent(members, name)
        if not optional and not (name == "catalog" or _is_object(members.get(name))):
            raise invalid(f"body.{name}", "must be an object", "type_error")


def _is_object(value: Raw | None) -> bool:
    return value is not None and bytes(memoryview(value)[:64]).lstrip().startswith(b"{")


def _read(members: dict[str, Raw], name: str, digest: str, project: str | None) -> Document:
    text = members[name]
    catalog = None if _absent(members, "catalog") else members["catalog"]
    key = (digest, _digest(catalog) if catalog else "", project or "")
    try:
        return _last_read.read(
            key, lambda: with_depth_limit(lambda: dbt.read(text, catalog=catalog, project=project), text)
        )
    except InvalidDocument as error:
        raise Refused(error.code, _sentence(error), {"errors": [*error.errors]}) from None
    except RecursionError:
        raise Refused(
            "INVALID_MANIFEST",
            f"The {name} is nested deeper than 100 levels.",
            {"errors": [f"body.{name}: nested deeper than 100 levels"]},
        ) from None


def _sentence(error: InvalidDocument) -> str:
    first = error.errors[0] if error.errors else "it cannot be read"
    more = f" (and {len(error.errors) - 1} more)" if len(error.errors) > 1 else ""
    return f"The document is unusable: {first}{more}."


def _lowered(options: DbtOptions) -> SyncOptions:
    owner = options.owner_team_id
    return msgspec.structs.replace(options, owner_team_id=owner.lower() if owner else None)
