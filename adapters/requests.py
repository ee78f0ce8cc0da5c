"""Document requests as they come in: options checked, the document read (api.md 2.1)."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw

from adapters.depth import with_depth_limit
from adapters.duplicates import repeated_key, repeated_member
from adapters.http.call import asked, malformed, require_single, shape_error
from adapters.http.problems import invalid
from adapters.kinds import KINDS, DocumentOptions, Kind
from adapters.pieces import Text, text_of
from adapters.sources.errors import InvalidDocument
from adapters.sources.places import require_utf8
from adapters.spent import spend
from domain.errors import Refused
from domain.sync.options import ConflictMode, SyncOptions
from domain.sync.spec import Document
from domain.values import Object

if TYPE_CHECKING:
    from adapters.syncing import Job


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
    before another is read (a small one once that is answered).
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[str, ...], tuple[str, ...], Document] | None = None

    def read(
        self, about: tuple[str, ...], digests: Callable[[], tuple[str, ...]], read: Callable[[], Document]
    ) -> Document:
        """The document of these options and lengths (`about`) whose parts have these digests.

        They are asked for ahead of reading only where the last document may be the same: a thread works them out.
        """
        kept, self._kept = self._kept, None
        if kept is None or kept[0] != about or kept[1] != digests():
            if kept is not None:
                spend(kept, _parts(kept[2]))
            kept = None
            document = read()
            kept = about, digests(), document
        self._kept = kept
        return kept[2]


def _parts(document: Document) -> int:
    """What a document is made of: its items, and the definitions that each of them names."""
    return sum(1 + sum(map(len, spec.documents)) for spec in document.specs)


_last_read = _LastRead()
# Hashing lets other threads run: a document is read meanwhile.
_digests = ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest")
_NOT_SYNC = frozenset({"project", "prefix", "service", "dry_run", "fail_on_breaking", "environment"})


def read_document(job: Job) -> Envelope:
    """Read the request of a job. Raises `Refused`: shape, then scope, then the document."""
    assert job.kind is not None
    kind, body = KINDS[job.kind], text_of(job.body)
    if body[:3] == codecs.BOM_UTF8:
        body = body[3:]
    members = _members(body)
    known, documents, query = kind.known(job.action), kind.documents(job.action), dict(job.query)
    if job.may_be_bare and kind.document not in members and any(name in members for name in kind.bare):
        options, stated, unknown = _from_query(kind, query, known), set(query), [*sorted(query.keys() - known)]
        members = {kind.document: Raw(memoryview(body))}
    else:
        if job.may_be_bare:
            # They have no effect beside members, but a bad one is refused as any bad query value is.
            _from_query(kind, query, known)
        options, stated = _from_members(kind, members, known), set(members)
        unknown = [*sorted(stated - known - {*documents}), *sorted(query)]
        members = {name: value for name, value in members.items() if name in documents}
    texts = _documents(kind, members)
    if job.action == "sync":
        _require_owner_and_scope(kind, options, job)
    digests = {name: _digests.submit(_digest, text) for name, text in texts.items()}
    stated_options: Object = msgspec.to_builtins(
        {name: getattr(options, name) for name in sorted(stated & known - _NOT_SYNC)}
    )
    return Envelope(
        document=_read(kind, texts, digests, kind.document, options),
        digest=digests[kind.document].result(),
        options=_lowered(options),
        stated=stated_options,
        dry_run=options.dry_run,
        fail_on_breaking=options.fail_on_breaking,
        base=_read(kind, texts, digests, "base", options) if "base" in texts else None,
        warnings=tuple(f"The request's member {name[:100]!r} is unknown here and has no effect." for name in unknown),
    )


def _require_owner_and_scope(kind: Kind, options: DocumentOptions, job: Job) -> None:
    if kind.requires_owner and options.owner_team_id is None:
        raise invalid("body.owner_team_id", "is required", "missing")
    if not options.dry_run and not job.may_write:
        raise Refused("INSUFFICIENT_SCOPE", "This key may not write.", {"required_scope": "write"})


def _members(body: Text) -> dict[str, Raw]:
    try:
        require_utf8(body)
        members = with_depth_limit(lambda: msgspec.json.decode(memoryview(body), type=dict[str, Raw]), body)
    except msgspec.ValidationError as error:
        raise shape_error("body", error) from None
    except RecursionError:
        raise Refused("MALFORMED_JSON", "The body is nested deeper than 100 levels.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(body[:], error) from None
    require_single(repeated_member(body, members))
    return members


def _from_query(kind: Kind, query: dict[str, str], known: frozenset[str]) -> DocumentOptions:
    _check_conflict_mode(query.get("conflict_mode"))
    return asked(((name, value) for name, value in query.items() if name in known), kind.options)


def _from_members(kind: Kind, members: dict[str, Raw], known: frozenset[str]) -> DocumentOptions:
    scalars = {name: value for name, value in members.items() if name in known}
    try:
        if "conflict_mode" in scalars:
            _check_conflict_mode(msgspec.json.decode(scalars["conflict_mode"]))
        for name, value in scalars.items():
            require_single(repeated_key(bytes(value)), f"body.{name}")
        return _without_nul(msgspec.json.decode(msgspec.json.encode(scalars), type=kind.options))
    except msgspec.ValidationError as error:
        raise shape_error("body", error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(b"", error) from None


def _without_nul(options: DocumentOptions) -> DocumentOptions:
    for name in ("environment", "commit", "project", "service"):
        if "\0" in (getattr(options, name, None) or ""):
            raise invalid(f"body.{name}", "must not contain a NUL character")
    return options


def _check_conflict_mode(value: object) -> None:
    if value is not None and value not in [mode.value for mode in ConflictMode]:
        raise Refused("CONFLICT_MODE_INVALID", "conflict_mode is one of ignore, overwrite, fail.")


def _digest(text: Raw) -> str:
    return "sha256:" + sha256(text).hexdigest()


def _documents(kind: Kind, members: dict[str, Raw]) -> dict[str, Raw]:
    """The documents that the request holds, each of the right kind of JSON value. Optional ones may be null."""
    if kind.document not in members:
        raise invalid(f"body.{kind.document}", "is required", "missing")
    texts = {n: text for n, text in members.items() if n == kind.document or _opening(text) != b"n"}
    for name in [name for name in texts if name not in kind.companions]:
        if _opening(texts[name]) != (b'"' if kind.is_text else b"{"):
            raise invalid(f"body.{name}", f"must be {'a string' if kind.is_text else 'an object'}", "type_error")
        if kind.is_text and len(texts[name]) == len('""'):
            raise invalid(f"body.{name}", "must not be empty")
    return texts


def _opening(text: Raw) -> bytes:
    """The first character of a JSON value."""
    return bytes(memoryview(text)[:64]).lstrip()[:1]


def _read(
    kind: Kind, texts: dict[str, Raw], digests: Mapping[str, Future[str]], member: str, options: DocumentOptions
) -> Document:
    parts = [name for name in (member, *kind.companions) if name in texts]
    reading = msgspec.json.encode({name: getattr(options, name) for name in kind.reading}).decode()
    about = (kind.name, reading, *(str(len(texts[name])) for name in parts))
    try:
        return _last_read.read(
            about,
            lambda: tuple(digests[name].result() for name in parts),
            lambda: kind.read(texts, member, options),
        )
    except InvalidDocument as error:
        raise Refused(error.code, _sentence(error), {"errors": [*error.errors]}) from None
    except RecursionError:
        raise Refused(
            kind.code,
            f"The {member} is nested deeper than 100 levels.",
            {"errors": [f"body.{member}: nested deeper than 100 levels"]},
        ) from None


def _sentence(error: InvalidDocument) -> str:
    first = error.errors[0] if error.errors else "it cannot be read"
    more = f" (and {len(error.errors) - 1} more)" if len(error.errors) > 1 else ""
    return f"The document is unusable: {first}{more}."


def _lowered(options: DocumentOptions) -> SyncOptions:
    owner = options.owner_team_id
    return msgspec.structs.replace(options, owner_team_id=owner.lower() if owner else None)
