"""Commands on earning rules and grants by request."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Name, Range, Text
from points.domain.errors import PtsError
from points.domain.grants import REQUEST, SUBMITTERS, GrantRequest
from points.domain.ledger import LedgerTransaction
from points.domain.passbook import PointsPassbook
from points.domain.rules import RULE_MAKERS, EarningRule, PointsPath
from points.handlers.ledger import Fact, passbook_of, pay, rule_of


@dataclass(frozen=True, kw_only=True)
class CreateRule:
    code: Annotated[Code, Doc("代码 Code; a known one makes its next edition")]
    name: Annotated[Name, Doc("名称 Name")]
    path: Annotated[PointsPath, Doc("路径 Path")]
    points: Annotated[int, Doc("积分 Points for one unit: an hour or an occurrence"), Range(1, 1_000)]
    per_hour: Annotated[bool, Doc("按小时 A unit is a full hour")] = False
    max_hours_per_activity: Annotated[int | None, Doc("每次上限小时 Hours paid for one activity"), Range(1, 24)] = None
    cap_per_day: Annotated[int | None, Doc("每日上限 Points a day"), Range(1, 1_000)] = None
    cap_per_month: Annotated[int | None, Doc("每月上限 Points a month"), Range(1, 10_000)] = None
    needs_review: Annotated[bool, Doc("需审核 A reviewer decides on each grant")] = False
    valid_months: Annotated[int | None, Doc("有效月数 Months until the points expire"), Range(1, 120)] = None
    valid_from: Annotated[date, Doc("生效日期 From")]
    valid_to: Annotated[date | None, Doc("失效日期 To, included")] = None


@command(*RULE_MAKERS)
async def create_rule(context: Context, input: CreateRule) -> EarningRule:
    """制定积分规则 Make an earning rule, or the next edition of one; the edition before it ends the day before."""
    earlier = await context.find(EarningRule, code=input.code)
    rule = EarningRule(id=context.new_id(), **vars(input))
    return await context.add(rule.establish(earlier))


@dataclass(frozen=True, kw_only=True)
class SubmitGrant:
    resident_id: Annotated[Id, Doc("受益居民 Beneficiary")]
    community_id: Annotated[Id, Doc("社区 Community")]
    rule_code: Annotated[Code, Doc("规则 Rule")]
    quantity: Annotated[int, Doc("数量 Occurrences, or full hours"), Range(1, 1_000)] = 1
    occurred_on: Annotated[date, Doc("发生日期 Day of the fact")]
    evidence: Annotated[Text | None, Doc("说明 What happened")] = None
    source_service: Annotated[Code | None, Doc("来源服务 Service that knows the fact, if one does")] = None
    source_type: Annotated[Code | None, Doc("来源类型 Type of the fact, if a service knows it")] = None
    source_id: Annotated[Id | None, Doc("来源 The fact, if a service knows it")] = None


@command(*SUBMITTERS)
async def submit_grant(context: Context, input: SubmitGrant) -> GrantRequest:
    """提交积分申请 Ask for a grant to a resident of your area; another person decides."""
    if await rule_of(context.work, input.rule_code, input.occurred_on) is None:
        raise PtsError.RULE_NOT_ACTIVE(field="ruleCode", rule=input.rule_code, on=input.occurred_on.isoformat())
    id = context.new_id()
    known = input.source_service and input.source_type and input.source_id
    request = GrantRequest(
        id=id,
        resident_id=input.resident_id,
        community_id=input.community_id,
        rule_code=input.rule_code,
        quantity=input.quantity,
        occurred_on=input.occurred_on,
        evidence=input.evidence,
        source_service=input.source_service if known and input.source_service else "points",
        source_type=input.source_type if known and input.source_type else REQUEST,
        source_id=input.source_id if known and input.source_id else id,
        submitted_by=context.actor.id,
    )
    if await context.work.get(LedgerTransaction, request.grant_id):
        raise PtsError.DUPLICATE_SOURCE(field="sourceId")
    return await context.add(request.submit())


@dataclass(frozen=True, kw_only=True)
class ApproveGrant:
    id: Annotated[Id, Doc("申请 Request")]


@command(on=GrantRequest)
async def approve_grant(context: Context, input: ApproveGrant) -> GrantRequest:
    """批准积分申请 Approve a request and pay it, all in one commit."""
    request = await context.load(GrantRequest, input.id)
    request.require_reviewer(context.actor.id)
    if await context.work.get(LedgerTransaction, request.grant_id):
        raise PtsError.DUPLICATE_SOURCE()
    rule = await rule_of(context.work, request.rule_code, request.occurred_on)
    if rule is None:
        raise PtsError.RULE_NOT_ACTIVE(rule=request.rule_code, on=request.occurred_on.isoformat())
    points = rule.worth(quantity=request.quantity)
    passbook: PointsPassbook = await passbook_of(context.work, request.resident_id, request.community_id, context.today)
    remaining = rule.allowance(passbook, request.occurred_on)
    if remaining is not None and points > remaining:
        raise PtsError.CAP_EXCEEDED(remaining=remaining, needed=points)
    transaction = await pay(
        context.work,
        fact_of(request),
        rule,
        points,
        now=context.now,
        by=request.submitted_by,
        approved_by=context.actor.id,
    )
    request.approve(by=context.actor.id, at=context.now, transaction_id=transaction.id)
    return request


def fact_of(request: GrantRequest) -> Fact:
    return Fact(
        rule_code=request.rule_code,
        resident_id=request.resident_id,
        community_id=request.community_id,
        on=request.occurred_on,
        source_service=request.source_service,
        source_type=request.source_type,
        source_id=request.source_id,
        quantity=request.quantity,
    )


@dataclass(frozen=True, kw_only=True)
class RejectGrant:
    id: Annotated[Id, Doc("申请 Request")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=GrantRequest)
async def reject_grant(context: Context, input: RejectGrant) -> GrantRequest:
    """驳回积分申请 Reject a request."""
    request = await context.load(GrantRequest, input.id)
    request.reject(by=context.actor.id, at=context.now)
    return request
