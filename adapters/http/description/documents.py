"""What is said of syncs and their previews: all of it follows from the kind of document."""

from functools import lru_cache
from typing import Annotated, Optional, TypeAlias

import msgspec

from adapters.http import lists
from adapters.http.description.told import Told
from adapters.http.syncs import DocumentRoute
from adapters.http.wire_syncs import document_answer
from adapters.kinds import KINDS, Action, Kind, KindName
from domain.values import Object

_Member: TypeAlias = tuple[str, object] | tuple[str, object, object]
# A dbt manifest as the whole body.
Bare = Annotated[
    Object,
    msgspec.Meta(
        extra_json_schema={
            "anyOf": [{"required": ["nodes"]}, {"required": ["sources"]}, {"required": ["metadata"]}],
            "not": {"required": ["manifest"]},
        }
    ),
]
_SUMMARIES: dict[Action, str] = {
    "sync": "Sync",
    "impact": "Tell what would break with",
    "diff": "Tell what would change with",
}
_SYNC_ERRORS = ("SYNC_CONFLICT", "MASS_DELETE", "TARGET_MISMATCH")
_KIND_TITLES = {"dbt": "a dbt project", "openapi": "an OpenAPI description", "graphql": "a GraphQL schema"}


def document_told(route: DocumentRoute, name: KindName) -> Told:
    """What is said of a sync, an impact or a diff."""
    kind, action = KINDS[name], route.action
    title = _KIND_TITLES.get(kind.name, f"a document of the kind {kind.name}")
    companions = ("INVALID_CATALOG",) if "catalog" in kind.companions else ()
    errors = (kind.code, *companions, "INVALID_INPUT", "CONFLICT_MODE_INVALID", "TEAM_NOT_FOUND")
    sync = action == "sync"
    return Told(
        summary=f"{_SUMMARIES[action]} {title}" + (", in the older form" if route.bare else ""),
        answer=document_answer(kind.name, action),
        status=(200, 207) if sync else (200,),
        query=msgspec.defstruct("BareOptions", _options(kind, action)) if route.bare else None,
        body=_document_body(kind.name, action) | Bare if route.bare else _document_body(kind.name, action),
        errors=(*errors, *_SYNC_ERRORS, "INSUFFICIENT_SCOPE") if sync else errors,
    )


@lru_cache(maxsize=64)
def _document_body(name: KindName, action: Action) -> type[msgspec.Struct]:
    """The members of a document request: the documents, then the options that the action knows."""
    kind = KINDS[name]
    text: object = Annotated[str, msgspec.Meta(min_length=1)] if kind.is_text else Object
    more = kind.documents(action)[1:]
    members: list[_Member] = [(kind.document, text)]
    members += [(member, Optional[Object if member in kind.companions else text], None) for member in more]  # noqa: UP045
    return msgspec.defstruct(f"{name.capitalize()}{action.capitalize()}Request", [*members, *_options(kind, action)])


def _options(kind: Kind, action: Action) -> list[_Member]:
    known = kind.known(action)
    fields = [field for field in msgspec.structs.fields(kind.options) if field.name in known]
    owned = kind.requires_owner and action == "sync"
    return [
        (field.name, lists.Uuid) if field.name == "owner_team_id" and owned else (field.name, field.type, field.default)
        for field in fields
    ]
