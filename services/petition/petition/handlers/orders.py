"""What units do with their orders."""

from dataclasses import dataclass, field
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Text
from petition.domain.petitions import Petition
from petition.domain.values import PetitionAttachment, WorkResult
from petition.domain.vocabulary import WorkOrderState, WorkOutcome
from petition.domain.work_orders import WorkOrder
from petition.handlers.common import category_of


@dataclass(frozen=True, kw_only=True)
class AcceptWorkOrder:
    id: Annotated[Id, Doc("工单 Order")]


@command(on=WorkOrder)
async def accept_work_order(context: Context, input: AcceptWorkOrder) -> WorkOrder:
    """签收工单 Accept the order of one's unit."""
    order = await context.load(WorkOrder, input.id)
    order.accept(context.actor, context.now)
    petition = await context.get(Petition, order.petition_id)
    petition.begin(context.now)
    return order


@dataclass(frozen=True, kw_only=True)
class RespondToReporter:
    id: Annotated[Id, Doc("工单 Order")]
    text: Annotated[Text, Doc("内容 Message to the reporter")]


@command(on=WorkOrder)
async def respond_to_reporter(context: Context, input: RespondToReporter) -> WorkOrder:
    """响应反映人 Tell the reporter who is at work and what comes next."""
    order = await context.load(WorkOrder, input.id)
    petition = await context.get(Petition, order.petition_id)
    order.respond(input.text, petition, context.actor, context.now)
    return order


@dataclass(frozen=True, kw_only=True)
class CompleteWorkOrder:
    id: Annotated[Id, Doc("工单 Order")]
    outcome: Annotated[WorkOutcome, Doc("结果 Outcome")]
    text: Annotated[Text, Doc("说明 What was done")]
    evidence: Annotated[list[PetitionAttachment], Doc("凭证 Evidence, at most 9")] = field(default_factory=list)


@command(on=WorkOrder)
async def complete_work_order(context: Context, input: CompleteWorkOrder) -> WorkOrder:
    """办结工单 Complete an order with its result; someone else verifies it."""
    order = await context.load(WorkOrder, input.id)
    petition = await context.get(Petition, order.petition_id)
    category = await category_of(context, petition.category_code)
    result = WorkResult(outcome=input.outcome, text=input.text, evidence=input.evidence)
    order.complete(result, category.evidence_required, context.actor, context.now)
    return order


@dataclass(frozen=True, kw_only=True)
class VerifyCompletion:
    id: Annotated[Id, Doc("工单 Order")]
    passed: Annotated[bool, Doc("通过 Accept the completion; else it goes back for rework")]
    reason: Annotated[Text | None, Doc("原因 Why it goes back")] = None


@command(on=WorkOrder)
async def verify_completion(context: Context, input: VerifyCompletion) -> WorkOrder:
    """核验办结 Verify a completion, by someone who did not handle the order; the last one resolves the petition."""
    order = await context.load(WorkOrder, input.id)
    order.verify(input.passed, input.reason, context.actor, context.now)
    petition = await context.get(Petition, order.petition_id)
    if not input.passed:
        petition.send_back()
        return order
    assert order.result is not None
    assert petition.lead_order_id is not None
    lead = await context.get(WorkOrder, petition.lead_order_id)
    petition.settle(order.id, order.result.outcome, context.now, lead.state is WorkOrderState.VERIFIED)
    return order
