"""What every entity can tell about itself: its audit trail, and which actions the caller could take now."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from govkit.commands import place_of
from govkit.domain.aggregate import Aggregate
from govkit.domain.errors import GovError
from govkit.domain.identity import OWNERS, STAFF, Actor, Place
from govkit.graphql.functions import Argument, make_field
from govkit.graphql.request import RequestContext

LONGEST_TRAIL = 100


@strawberry.federation.type(
    shareable=True, description="变更字段 A changed field; values only of public, closed vocabularies"
)
class Change:
    field: str = strawberry.field(description="字段 Field")
    before: str | None = strawberry.field(description="原值 Value before")
    after: str | None = strawberry.field(description="新值 Value after")


@strawberry.federation.type(shareable=True, description="审计记录 One committed change")
class AuditEntry:
    at: datetime = strawberry.field(description="时间 When")
    actor_id: strawberry.ID = strawberry.field(description="操作人 Who (subject); residents are not named: `resident`")
    actor_roles: list[str] = strawberry.field(description="角色 Roles of the actor")
    action: str = strawberry.field(description="操作 Command or event that caused it")
    due_for: datetime | None = strawberry.field(description="应发生时间 When it fell due, of what happened by itself")
    version: int = strawberry.field(description="版本 Version that it made")
    from_state: str | None = strawberry.field(description="原状态 State before")
    to_state: str | None = strawberry.field(description="新状态 State after")
    reason: str | None = strawberry.field(description="原因 Reason given")
    changes: list[Change] = strawberry.field(description="变更 Changed fields")


@strawberry.federation.type(shareable=True, description="可执行操作 Whether the caller could take an action now")
class ActionHint:
    action: str = strawberry.field(description="操作 Name of the mutation")
    allowed: bool = strawberry.field(description="允许 Allowed now, for you")
    reason_code: str | None = strawberry.field(description="原因 Error code that the action would get")


@strawberry.federation.type(shareable=True, description="将发生 What happens by itself, if nothing comes between")
class DueAction:
    action: str = strawberry.field(description="操作 Name of the rule, as in the audit trail")
    at: datetime = strawberry.field(description="时间 When")
    description: str = strawberry.field(description="说明 In Chinese and English")


def due_actions() -> StrawberryField:
    async def resolve(root: Aggregate, _context: RequestContext, _given: dict[str, Any]) -> list[DueAction]:
        return [DueAction(action=rule.name, at=moment, description=rule.doc) for moment, rule in root.coming()]

    return make_field("dueActions", list[DueAction], "将发生 What happens by itself and when, soonest first", resolve)


def audit_trail() -> StrawberryField:
    async def resolve(root: Aggregate, context: RequestContext, given: dict[str, Any]) -> list[AuditEntry]:
        context.actor.require(STAFF)
        limit = max(1, min(given["first"], LONGEST_TRAIL))
        rows = context.store.database["audit"].find({"aggregate_id": root.id}, sort=[("version", -1)], limit=limit)
        return [_entry(row) async for row in rows]

    doc = "审计轨迹 Committed changes, newest first (staff only)"
    first = Argument("first", int, "条数 At most 100", default=20)
    return make_field("auditTrail", list[AuditEntry] | None, doc, resolve, (first,))


def allowed_actions(cls: type[Aggregate]) -> StrawberryField:
    table = cls.TABLE
    assert table is not None

    def hint(root: Aggregate, actor: Actor, place: Place, name: str) -> ActionHint:
        try:
            actor.require(table[name].roles, place)
        except GovError as refused:
            return ActionHint(action=name, allowed=False, reason_code=refused.code)
        refusal = root.refusal(name, actor) or table.refusal(root, name)
        return ActionHint(action=name, allowed=refusal is None, reason_code=refusal.code if refusal else None)

    async def resolve(root: Aggregate, context: RequestContext, _given: dict[str, Any]) -> list[ActionHint]:
        place = await place_of(root, context.actor, context.street_of)
        return [hint(root, context.actor, place, name) for name in table.rows]

    return make_field("allowedActions", list[ActionHint], "可执行操作 What you could do now", resolve)


def _shown_actor(row: dict[str, Any]) -> str:
    """Staff are named; who submits or rates as a resident may be anonymous, and who reported is not for all staff."""
    by_owner = bool(row["actor_roles"]) and set(row["actor_roles"]) <= {role.name for role in OWNERS}
    return "resident" if by_owner else str(row["actor_id"])


def _entry(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        at=row["at"],
        actor_id=strawberry.ID(_shown_actor(row)),
        actor_roles=row["actor_roles"],
        action=row["action"],
        due_for=row.get("due_for"),
        version=row["version"],
        from_state=row["from_state"],
        to_state=row["to_state"],
        reason=row["reason"],
        changes=[Change(field=c["field"], before=c.get("before"), after=c.get("after")) for c in row["changes"]],
    )
