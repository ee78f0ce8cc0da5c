"""Who owns an item's asset, and whether the caller may act for that team (api.md 2.1, "Owner")."""

from domain.sync.plan import ItemPlan, Plan


class Ownership:
    """Settles the owner of each item once, and says what could not be settled."""

    def __init__(self, made: Plan) -> None:
        self._made = made
        self._owners: dict[str, tuple[str, str | None]] = {}

    def owner_of(self, item: ItemPlan) -> tuple[str, str | None]:
        """Team and user that own the asset after the sync."""
        return self._owners[item.before.id]

    def settle(self, item: ItemPlan) -> None:
        """Find the owner; an item without one, outside the caller's teams, or that only refers is not written."""
        if self._only_refers(item):
            return
        named = self._named(item)
        owner = named or self._default(item)
        if owner is None:
            self._refuse(item, "no owner: the item names none that exists, and the request gives no owner_team_id")
            return
        request = self._made.request
        teams = {owner} | ({item.before.owner_team_id} if item.before.exists and not self._takes_over(item) else set())
        if not all(request.permission.covers(team, request.source) for team in teams):
            self._refuse(item, "belongs to another team than the key's")
            return
        self._owners[item.before.id] = (owner, self._user(item, owner))

    def _named(self, item: ItemPlan) -> str | None:
        reference = item.spec.owner_team if item.spec else None
        if reference is None:
            return None
        team = self._made.known.directory.named(reference)
        if team:
            return team.id
        self._made.warnings.ownership.append(
            f"{item.fqn}: owner_team {reference!r} not found, the default owner is taken"
        )
        self._made.warnings.meta_errors.append(f"{item.fqn}: owner_team {reference!r} not found")
        return None

    def _default(self, item: ItemPlan) -> str | None:
        before, default = item.before, self._made.request.options.owner_team_id
        if before.exists and (default is None or not self._takes_over(item)):
            return before.owner_team_id
        return default

    def _takes_over(self, item: ItemPlan) -> bool:
        """Whether the item declares what was only referred to so far: it then gets the declaring source's owner."""
        return item.before.referred and item.spec is not None and not item.spec.refers

    def _user(self, item: ItemPlan, owner: str) -> str | None:
        reference = item.spec.owner_user if item.spec else None
        if reference is not None:
            user = self._made.known.directory.user_named(reference)
            if user is not None and user.team_id == owner:
                return user.id
            text = f"{item.fqn}: owner_user {reference!r} {'not found' if user is None else 'is of another team'}"
            self._made.warnings.ownership.append(text)
            self._made.warnings.meta_errors.append(text)
        return item.before.owner_user_id if item.before.owner_team_id == owner else None

    def _refuse(self, item: ItemPlan, why: str) -> None:
        item.refuse(why)
        self._made.warnings.ownership.append(f"{item.fqn}: {why}")
        self._made.warnings.undone = True

    def _only_refers(self, item: ItemPlan) -> bool:
        """Leave alone what the item only points at and somebody else declares."""
        before, document = item.before, self._made.request.document
        if item.spec is None or not item.spec.refers or not before.exists or before.referred or before.deleted:
            return False
        source = before.source
        if source is not None and (source.kind, source.key) == (document.kind, document.key):
            return False
        item.writable = False
        item.action = "referred"
        self._made.warnings.general.append(f"{item.fqn}: declared elsewhere; this document only refers to it")
        return True
