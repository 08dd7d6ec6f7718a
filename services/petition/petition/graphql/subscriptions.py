"""What front ends can wait for."""

from govkit.graphql.subscriptions import Subscription
from petition.domain import petition_events as petition
from petition.domain import work_order_events as order
from petition.domain.petitions import Petition
from petition.domain.work_orders import WorkOrder

ORDER_EVENTS = [
    order.WorkOrderCreated,
    order.WorkOrderAccepted,
    order.WorkOrderResponded,
    order.WorkOrderCompleted,
    order.WorkOrderVerified,
    order.WorkOrderCancelled,
]

SUBSCRIPTIONS = [
    Subscription(
        "petitionChanged",
        Petition,
        "诉求变化 The petition, after each step of it or of its work orders",
        events=[
            petition.PetitionSubmitted,
            petition.PetitionLocated,
            petition.PetitionRerouted,
            petition.PetitionAccepted,
            petition.PetitionRejected,
            petition.PetitionTriaged,
            petition.PetitionWithdrawn,
            petition.PetitionAssigned,
            petition.PetitionResolved,
            petition.PetitionReplied,
            petition.PetitionRated,
            petition.PetitionClosed,
            *ORDER_EVENTS,
        ],
        argument="id",
        argument_doc="诉求 Petition",
        equals="petition_id",
    ),
    Subscription(
        "workOrderInbox",
        WorkOrder,
        "单位收件箱 Each work order that comes to the unit, and again when it is accepted",
        events=[order.WorkOrderCreated, order.WorkOrderAccepted],
        argument="unitId",
        argument_doc="承办单位 Handling unit: a base grid, community, street or department, by id",
        equals="unit_id",
        record_id="work_order_id",
    ),
    Subscription(
        "workOrderChanged",
        WorkOrder,
        "工单变化 The work order, after each step of it",
        events=ORDER_EVENTS,
        argument="id",
        argument_doc="工单 Work order",
        equals="work_order_id",
    ),
]
