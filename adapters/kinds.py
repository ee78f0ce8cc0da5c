"""The kinds of documents that can be synced: what their requests look like, and who reads them (api.md 2)."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Raw

from adapters.depth import with_depth_limit
from adapters.http.lists import Uuid
from adapters.http.problems import invalid
from adapters.sources import dbt, graphql, openapi
from domain.sync.options import SyncOptions
from domain.sync.spec import Document
from domain.values import Object

KindName: TypeAlias = Literal["dbt", "openapi", "graphql"]
Action: TypeAlias = Literal["sync", "impact", "diff", "check"]
Text200 = Annotated[str, msgspec.Meta(max_length=200)]
_LONGEST_SDL = 16 * 1024 * 1024
_PART = "[A-Za-z_][A-Za-z0-9_-]*"
Prefix = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=rf"\A{_PART}(\.{_PART})*\Z")]


class DocumentOptions(SyncOptions, frozen=True, kw_only=True):
    """The scalar members of any document request, with their bounds."""

    owner_team_id: Uuid | None = None
    environment: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] = "production"
    commit: Text200 | None = None
    expected_deletions: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    dry_run: bool = False
    fail_on_breaking: bool = True


class DbtOptions(DocumentOptions, frozen=True, kw_only=True):
    """The scalar members of a dbt request."""

    project: Text200 | None = None


class ApiOptions(DocumentOptions, frozen=True, kw_only=True):
    """The members of an OpenAPI or GraphQL request beside the document. `service` is the prefix where it is null."""

    prefix: Prefix = "api"
    service: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    default_guarantees: Object | None = None


class GraphqlOptions(ApiOptions, frozen=True, kw_only=True):
    """The members of a GraphQL request beside the document."""

    prefix: Prefix = "graphql"


Reader: TypeAlias = Callable[[Mapping[str, Raw], str, DocumentOptions], Document]


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of document.

    `document` is the member of a request that holds it, `companions` those that hold what is read with it, `bare` the
    members by which a document is known that is the whole body. `read` takes the texts by member and the name of the
    one to read; `code` is the refusal of an unusable one. `reading` are the options that decide what is read.
    `unasked` are options of other kinds.
    """

    name: KindName
    document: str
    options: type[DocumentOptions]
    read: Reader
    code: str
    reading: tuple[str, ...]
    companions: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    unasked: frozenset[str] = frozenset()
    is_text: bool = False
    requires_owner: bool = False

    def known(self, action: Action) -> frozenset[str]:
        """The names of the options that a request may carry."""
        if action == "impact":
            return frozenset({"owner_team_id", "environment", *self.reading})
        every = frozenset(self.options.__struct_fields__) - self.unasked
        return every - {"fail_on_breaking"} if action == "sync" else every

    def documents(self, action: Action) -> tuple[str, ...]:
        """The names of the members that hold documents."""
        return (self.document, *self.companions, *(() if action == "sync" else ("base",)))


def _read_dbt(texts: Mapping[str, Raw], member: str, options: DocumentOptions) -> Document:
    assert isinstance(options, DbtOptions)
    text, catalog, project = texts[member], texts.get("catalog"), options.project
    return with_depth_limit(lambda: dbt.read(text, catalog=catalog, project=project), text)


def _read_openapi(texts: Mapping[str, Raw], member: str, options: DocumentOptions) -> Document:
    assert isinstance(options, ApiOptions)
    naming = openapi.Naming(options.prefix, options.service or options.prefix, options.default_guarantees)
    return openapi.read(texts[member], naming)


_DBT_ONLY = frozenset({"auto_register_consumers", "infer_consumers_from_refs"})
_DBT = Kind(
    name="dbt",
    document="manifest",
    companions=("catalog",),
    bare=("nodes", "sources", "metadata"),
    options=DbtOptions,
    reading=("project",),
    read=_read_dbt,
    code="INVALID_MANIFEST",
)


_OPENAPI = Kind(
    name="openapi",
    document="spec",
    options=ApiOptions,
    reading=("prefix", "service", "default_guarantees"),
    read=_read_openapi,
    code="INVALID_OPENAPI_SPEC",
    unasked=_DBT_ONLY,
    requires_owner=True,
)


def _read_graphql(texts: Mapping[str, Raw], member: str, options: DocumentOptions) -> Document:
    assert isinstance(options, GraphqlOptions)
    text = msgspec.json.decode(texts[member], type=str)
    # The text is never longer than its JSON, quotes aside.
    if len(texts[member]) - 2 > _LONGEST_SDL and len(text.encode()) > _LONGEST_SDL:
        raise invalid(f"body.{member}", "must not be longer than 16 MiB")
    return graphql.read(
        text, key=options.service or options.prefix, prefix=options.prefix, guarantees=options.default_guarantees
    )


_GRAPHQL = Kind(
    name="graphql",
    document="schema",
    options=GraphqlOptions,
    reading=("prefix", "service", "default_guarantees"),
    read=_read_graphql,
    code="INVALID_GRAPHQL_SCHEMA",
    unasked=_DBT_ONLY,
    is_text=True,
    requires_owner=True,
)
KINDS: dict[KindName, Kind] = {kind.name: kind for kind in (_DBT, _OPENAPI, _GRAPHQL)}
