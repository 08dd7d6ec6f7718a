"""Queries and fields beyond those that the kit derives."""

from govkit.graphql.functions import Computed, Query
from new_employment_group.graphql import projects, stations, totals, workers

QUERIES: list[Query] = [stations.bee_stations_near, workers.insurance_statistics]
COMPUTED: list[Computed] = [
    projects.progress,
    totals.member_count,
    totals.delivered,
    totals.progress,
    workers.display_name,
    workers.phone_masked,
    workers.id_number_masked,
    workers.consents,
    workers.service_balance,
]
