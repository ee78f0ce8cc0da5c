"""All views, in one list."""

from projections.appends import Appends
from projections.assets import Assets
from projections.audit import Audit
from projections.audit_runs import AuditRuns
from projections.contracts import Contracts
from projections.keys import Keys
from projections.lineage import Lineage
from projections.proposals import Proposals
from projections.registrations import Registrations
from projections.sources import Sources
from projections.syncs import Syncs
from projections.tags import Tags
from projections.teams import Teams
from projections.users import Users
from projections.view import AnyView
from projections.webhooks import Webhooks

ALL: tuple[AnyView, ...] = (
    Teams(),
    Users(),
    Assets(),
    Tags(),
    Contracts(),
    Registrations(),
    Lineage(),
    Proposals(),
    Keys(),
    AuditRuns(),
    Sources(),
    Syncs(),
    Webhooks(),
    Audit(),
    Appends(),
)
