"""One function a command; plain registers have theirs derived by the kit."""

from govkit.commands import Command
from petition.handlers import claims, closing, deliberation, intake, orders, triage

COMMANDS: list[Command] = [
    intake.submit_petition,
    intake.withdraw_petition,
    triage.accept_petition,
    triage.reject_petition,
    triage.triage_petition,
    triage.dispatch_work_order,
    orders.accept_work_order,
    orders.respond_to_reporter,
    orders.complete_work_order,
    orders.verify_completion,
    closing.reply_petition,
    closing.rate_petition,
    closing.close_petition,
    deliberation.schedule_meeting,
    deliberation.publish_meeting_notice,
    deliberation.close_meeting,
    deliberation.cancel_meeting,
    deliberation.nominate_spokesperson,
    deliberation.approve_spokesperson,
    deliberation.end_spokesperson,
    claims.claim,
    claims.release_claim,
    claims.complete_claim,
    claims.confirm_claim,
]
