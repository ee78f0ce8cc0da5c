"""What a foreign document declares, in the catalog's own words. Readers make these; the planner takes them."""

from collections.abc import Mapping

import msgspec

from domain.schema.change import Direction, Mode
from domain.values import JSON, Object


class EdgeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An edge to another item, named by its id in the document (or in another project's)."""

    item: str
    type: str


class ConsumerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A consumer that the owner names: a team by exact name or by id."""

    team: str
    purpose: str | None = None


class AssetSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a document.

    `item` is its id there. `schema` is null where the document says nothing about the shape, `schema_digest` is its
    digest, `documents` what it is stored as where that is known, and `direction` the way that it points. `named_by`
    are the members of the metadata that a move changes with the name. `untyped` names the properties whose type
    nothing states: they keep the type of the active contract. `refers` marks an item that only points at something
    that another source declares. `problems` are unreadable options, one sentence each (`owner_problems` those that
    would name an owner); the option is left out. `remarks` are about options that nobody knows.
    """

    item: str
    fqn: str
    resource_type: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Object = {}
    named_by: tuple[str, ...] = ()
    guarantees: Object | None = None
    schema: Object | None = None
    schema_digest: str | None = None
    documents: tuple[Mapping[str, bytes], ...] = ()
    direction: Direction | None = None
    untyped: frozenset[str] = frozenset()
    field_descriptions: dict[str, str] = {}
    field_tags: dict[str, list[str]] = {}
    upstream: tuple[EdgeSpec, ...] = ()
    owner_team: str | None = None
    owner_user: str | None = None
    consumers: tuple[ConsumerSpec, ...] = ()
    compatibility_mode: Mode | None = None
    guarantee_mode: str | None = None
    semver_mode: str | None = None
    refers: bool = False
    problems: tuple[str, ...] = ()
    owner_problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    labels: dict[str, JSON] = {}


class ItemError(msgspec.Struct, frozen=True, kw_only=True):
    """An item that could not be taken: unreadable, or beaten in its name.

    `unknown` tells that the item is there, and that what it promises could not be read: its contract may be broken.
    `covers` are the ids of all items that it may stand for, if these are several.
    """

    fqn: str
    item: str
    message: str
    labels: dict[str, JSON] = {}
    unknown: bool = False
    covers: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        return self.covers or (self.item,)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign document, read.

    `key` names the source together with `kind`; `key_certain` is false where it is a guess. `digest` is over the bytes'
    canonical JSON. `errors` count as skipped items, `parse_errors` is what to say about unreadable ones. `about` are
    the members of answers that tell of the document as a whole.
    """

    kind: str
    key: str
    key_certain: bool
    title: str | None = None
    specs: tuple[AssetSpec, ...] = ()
    errors: tuple[ItemError, ...] = ()
    parse_errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    about: Object = {}
