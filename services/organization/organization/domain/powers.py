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
    Text,
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

    code: Annotated[Code, Doc("代码 Code", example="P1")]
    name: Annotated[Name, Doc("名称 Name")]
    position: Annotated[int, Doc("序号 Position in the catalogue"), Range(1, 100)]
    sample: Annotated[bool, Doc("示例数据 Sample, not published by the county")] = False


@dataclass(kw_only=True)
class DelegatedPowerItem(Aggregate):
    """下放权力小项 Item of a category: one delegated power"""

    KEYS = ("code",)
    UNIQUE = (Unique(("code",), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    code: Annotated[Code, Doc("代码 Code", example="P1-1")]
    name: Annotated[Name, Doc("名称 Name")]
    category_id: Annotated[Id, Doc("大项 Category"), Ref("DelegatedPowerCategory", inverse="items")]
    from_department_id: Annotated[Id | None, Doc("原行使部门 Department that held it"), Ref("Department")] = None
    effective_on: Annotated[date, Doc("生效日期 In force from")]
    repealed_on: Annotated[date | None, Doc("废止日期 In force until")] = None
    sample: Annotated[bool, Doc("示例数据 Sample, not published by the county")] = False

    def in_force(self, day: date) -> bool:
        return self.effective_on <= day and (self.repealed_on is None or day <= self.repealed_on)


class GrantState(LabelEnum):
    """赋权状态 State of a grant"""

    ACTIVE = "有效 Active"
    REVOKED = "已收回 Revoked"


@event("power.granted")
class PowerGranted(Event):
    """赋权 A community was granted a power of a department"""

    power_grant_id: Annotated[Id, Doc("赋权 Grant")]
    item_code: Annotated[Code, Doc("小项代码 Item", example="P1-1")]
    community_id: Annotated[Id, Doc("社区 Community")]
    start_on: Annotated[date, Doc("开始日期 From")]


@event("power.revoked")
class PowerRevoked(Event):
    """收回权力 The grant of a power to a community was revoked"""

    power_grant_id: Annotated[Id, Doc("赋权 Grant")]
    item_code: Annotated[Code, Doc("小项代码 Item", example="P1-1")]
    community_id: Annotated[Id, Doc("社区 Community")]
    end_on: Annotated[date, Doc("结束日期 To")]


@dataclass(kw_only=True)
class PowerGrant(Aggregate):
    """赋权 Grant of a delegated power to a community"""

    TABLE = StateTable(action("revokePower", GrantState.ACTIVE, GrantState.REVOKED, Role.ORG_ADMIN, reason=True))
    UNIQUE = (Unique(("item_code", "community_id"), OrgError.POWER_ALREADY_GRANTED, {"state": GrantState.ACTIVE}),)

    item_code: Annotated[Code, Doc("小项代码 Item", example="P1-1"), Ref("DelegatedPowerItem", key="code", edge="item")]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="delegated_powers")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date | None, Doc("结束日期 To")] = None
    state: Annotated[GrantState, Doc("状态 State")] = GrantState.ACTIVE

    @classmethod
    def grant(cls, *, id: str, item_code: str, community_id: str, start_on: date) -> "PowerGrant":
        grant = cls(id=id, item_code=item_code, community_id=community_id, start_on=start_on)
        grant.record(PowerGranted)
        return grant

    def covers(self, day: date) -> bool:
        """Whether the community might exercise the power on that day; the last day counts."""
        return self.start_on <= day and (self.end_on is None or day <= self.end_on)

    def revoke(self, on: date) -> None:
        self.TABLE.move(self, "revokePower")
        self.end_on = on
        self.record(PowerRevoked)


class PowerOutcome(LabelEnum):
    """行使结果 What came of exercising a power"""

    ADOPTED = "已采纳 Adopted"
    PARTLY_ADOPTED = "部分采纳 Partly adopted"
    NOT_ADOPTED = "未采纳 Not adopted"
    PENDING = "办理中 Pending"


@event("power.exercised")
class PowerExercised(Event):
    """行使权力 A community exercised a delegated power"""

    power_exercise_id: Annotated[Id, Doc("行使记录 Exercise")]
    item_code: Annotated[Code, Doc("小项代码 Item", example="P1-1")]
    community_id: Annotated[Id, Doc("社区 Community")]
    exercised_on: Annotated[date, Doc("行使日期 Exercised on")]
    outcome: Annotated[PowerOutcome, Doc("结果 Outcome")]
    petition_id: Annotated[Id | None, Doc("相关诉求 Petition that it was about")]


@dataclass(kw_only=True)
class PowerExercise(Aggregate):
    """权力行使记录 Use of a delegated power by a community that held it on that day"""

    item_code: Annotated[
        Code,
        Doc("小项代码 Item", example="P1-1"),
        Ref("DelegatedPowerItem", key="code", edge="item", inverse="exercises"),
    ]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="power_exercises")]
    exercised_on: Annotated[date, Doc("行使日期 Exercised on")]
    subject: Annotated[Text, Doc("事项 What it was about")]
    outcome: Annotated[PowerOutcome, Doc("结果 Outcome")]
    petition_id: Annotated[Id | None, Doc("相关诉求 Petition that it was about"), Ref("Petition")] = None

    @classmethod
    def exercise(
        cls,
        *,
        id: str,
        item: DelegatedPowerItem,
        grants: list[PowerGrant],
        community_id: str,
        exercised_on: date,
        subject: str,
        outcome: PowerOutcome,
        petition_id: str | None = None,
    ) -> "PowerExercise":
        """`grants`: all of this item to this community, ended ones too. Raises ORG_POWER_NOT_GRANTED."""
        if not item.in_force(exercised_on) or not any(grant.covers(exercised_on) for grant in grants):
            raise OrgError.POWER_NOT_GRANTED(field="itemCode", item=item.code, on=exercised_on.isoformat())
        exercise = cls(
            id=id,
            item_code=item.code,
            community_id=community_id,
            exercised_on=exercised_on,
            subject=subject,
            outcome=outcome,
            petition_id=petition_id,
        )
        exercise.record(PowerExercised)
        return exercise
