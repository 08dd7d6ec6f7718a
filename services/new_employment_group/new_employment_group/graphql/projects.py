"""Progress of plans."""

from govkit.graphql.functions import computed
from govkit.graphql.request import RequestContext
from new_employment_group.domain.care import PlanProject


@computed(PlanProject)
async def progress(project: PlanProject, context: RequestContext) -> float:
    """进度 Done ÷ target, from 0 to 1"""
    return project.progress
