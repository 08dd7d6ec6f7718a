"""One function a command; plain registers have theirs derived by the kit."""

from govkit.commands import Command
from points.handlers import calls, grants, passbooks, redemptions, stock

COMMANDS: list[Command] = [
    passbooks.open_passbook,
    passbooks.freeze_passbook,
    passbooks.unfreeze_passbook,
    grants.create_rule,
    grants.submit_grant,
    grants.approve_grant,
    grants.reject_grant,
    stock.receive_stock,
    redemptions.reserve_redemption,
    redemptions.fulfil_redemption,
    redemptions.cancel_redemption,
    redemptions.reverse_redemption,
    calls.publish_call,
    calls.sign_up_to_call,
    calls.cancel_call_sign_up,
    calls.close_call,
    calls.confirm_call_attendance,
]
