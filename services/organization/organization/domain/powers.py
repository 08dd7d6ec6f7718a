"""Powers delegated to communities: the catalogue (categories, items), who may exercise which, and use."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    Id,
    LabelEnum,
    Name,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Unique,
    action,
    event,
)
from organization.domain.errors import OrgError


@dataclass(kw_only=True)
class DelegatedPowerCategory(Aggregate):
    """下放权力大项 Category of delegated powers"""

    PLURAL = "delegatedPowerCategories"
    KEYS = ("code",)
    UNIQUE = (Unique(("code",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    code: Annotated[Code, Doc("代码 Code")]
    name: Annotated[Name, Doc("名称 Name")]
    position: Annotated[int, Doc("序号 Position in the catalogue"), Range(1, 100)]
    sample: Annotated[bool, Doc("示例数据 Sample, not published by the county")] = False


@dataclass(kw_only=True)
class DelegatedPowerItem(Aggregate):
    """下放权力小项 Item of a category: one delegated power"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    code: Annotated[Code, Doc("代码 Code")]
    name: Annotated[Name, Doc("名称 Name")]
    category_id: Annotated[Id, Doc("大项 Category"), Ref("DelegatedPowerCategory", inverse="items")]
    from_department_id: Annotated[Id | None, Doc("原行使部门 Department that held it"), Ref("Department")] = None
    effective_on: Annotated[date, Doc("生效日期 In force from")]
    repealed_on: Annotated[date | None, Doc("废止日期 In force until")] = None
    sample: Annotated[bool, Doc("示例数据 Sample, not published by the county")] = False


class GrantState(LabelEnum):
    """赋权状态 State of a grant"""

    ACTIVE = "有效 Active"
    REVOKED = "已收回 Revoked"


@event("power.granted")
class PowerGranted(Event):
    """赋权 A power was granted to a community"""

    power_grant_id: Annotated[Id, Doc("赋权 Grant")]
    item_code: Annotated[Code, Doc("小项代码 Item")]
    community_id: Annotated[Id, Doc("社区 Community")]
    start_on: Annotated[date, Doc("开始日期 From")]


@event("power.revoked")
class PowerRevoked(Event):
    """收回权力 A grant was revoked"""

    power_grant_id: Annotated[Id, Doc("赋权 Grant")]
    item_code: Annotated[Code, Doc("小项代码 Item")]
    community_id: Annotated[Id, Doc("社区 Community")]
    end_on: Annotated[date, Doc("结束日期 To")]


@dataclass(kw_only=True)
class PowerGrant(Aggregate):
    """赋权 Grant of a delegated power to a community"""

    TABLE = StateTable(action("revokePower", GrantState.ACTIVE, GrantState.REVOKED, Role.ORG_ADMIN, reason=True))
    UNIQUE = (Unique(("item_code", "community_id"), OrgError.POWER_ALREADY_GRANTED, {"state": GrantState.ACTIVE}),)

    item_code: Annotated[Code, Doc("小项代码 Item"), Ref("DelegatedPowerItem", key="code", edge="item")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="delegated_powers")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date | None, Doc("结束日期 To")] = None
    state: Annotated[GrantState, Doc("状态 State")] = GrantState.ACTIVE

    @classmethod
    def grant(cls, *, id: str, item_code: str, community_id: str, start_on: date) -> "PowerGrant":
        grant = cls(id=id, item_code=item_code, community_id=community_id, start_on=start_on)
        grant.record(PowerGranted)
        return grant

    def revoke(self, on: date) -> None:
        self.TABLE.move(self, "revokePower")
        self.end_on = on
        self.record(PowerRevoked)
