"""What waits and what is late in the county; the figures come from `projections/gauges.py` of the services."""

from __future__ import annotations


def _gauges(**names: str) -> dict[str, str]:
    return {legend.replace("_", " "): f"max(county_{name})" for legend, name in names.items()}


COUNTY = [
    (
        "Petitions 诉求",
        "short",
        _gauges(
            open="petitions_open",
            overdue="petitions_overdue",
            awaiting_triage="petitions_awaiting_triage",
            awaiting_reply="petitions_awaiting_reply",
            without_grid="petitions_unlocated",
        ),
    ),
    ("Work orders 工单", "short", _gauges(open="work_orders_open", overdue="work_orders_overdue")),
    ("Points 积分", "short", _gauges(outstanding="points_outstanding", held="points_held")),
    (
        "Points: what waits 积分待办",
        "short",
        _gauges(grant_requests="grant_requests_waiting", redemptions="redemptions_reserved"),
    ),
    (
        "Organization 组织",
        "short",
        _gauges(
            resolutions_overdue="resolutions_overdue",
            violations_overdue="violations_overdue",
            appeals_waiting="appeals_waiting",
        ),
    ),
    (
        "Grids 网格",
        "short",
        _gauges(active="grids_active", duties="grid_duties_active", events_unsettled="grid_events_unsettled"),
    ),
    (
        "Partners 红色合伙人",
        "short",
        _gauges(
            applications="partner_applications_waiting",
            needs_open="partner_needs_open",
            waitlisted="registrations_waitlisted",
        ),
    ),
    (
        "New employment groups 新就业群体",
        "short",
        _gauges(
            stations_open="stations_open",
            stations_not_compliant="stations_not_compliant",
            union_applications="union_applications_waiting",
            supervisor_reports="supervisor_reports_waiting",
            insurance_lapsed="insurance_lapsed",
        ),
    ),
    ("Fell due, has not happened 到期未办", "s", {"{{service}}": "max by (service) (county_due_lag_seconds)"}),
    (
        "What is due 到期事项",
        "short",
        {
            "{{service}} waiting": "max by (service) (county_due_waiting)",
            "{{service}} set aside": "max by (service) (county_due_set_aside)",
        },
    ),
    ("Age of these figures", "s", {"{{service}}": "time() - max by (service) (county_gauges_timestamp_seconds)"}),
]
