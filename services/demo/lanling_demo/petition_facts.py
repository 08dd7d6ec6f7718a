"""Everything the petition service seeds, in one place."""

from .categories import Category, categories, category, leaves
from .claims import Claim, MicroWish, VolunteerPost, claims, micro_wishes, volunteer_posts
from .councils import CouncilHall, CouncilMeeting, Spokesperson, council_halls, council_meetings, spokespersons
from .departments import Department, departments
from .outreach import (
    DoorKnockingRound,
    LanzhixinTeam,
    MicroCollectionSession,
    WeChatGroup,
    door_knocking_rounds,
    lanzhixin_teams,
    micro_collections,
    wechat_groups,
)
from .petition_orders import WorkOrder, work_orders
from .petition_timeline import Timeline
from .petition_whistles import Whistle, WhistleReport, whistles
from .petitions import Petition, Rating, petitions
from .residents import Resident, residents
from .supervisors import Supervisor, supervisors

__all__ = [
    "Category",
    "Claim",
    "CouncilHall",
    "CouncilMeeting",
    "Department",
    "DoorKnockingRound",
    "LanzhixinTeam",
    "MicroCollectionSession",
    "MicroWish",
    "Petition",
    "Rating",
    "Resident",
    "Spokesperson",
    "Supervisor",
    "Timeline",
    "VolunteerPost",
    "WeChatGroup",
    "Whistle",
    "WhistleReport",
    "WorkOrder",
    "categories",
    "category",
    "claims",
    "council_halls",
    "council_meetings",
    "departments",
    "door_knocking_rounds",
    "lanzhixin_teams",
    "leaves",
    "micro_collections",
    "micro_wishes",
    "petitions",
    "residents",
    "spokespersons",
    "supervisors",
    "volunteer_posts",
    "wechat_groups",
    "whistles",
    "work_orders",
]
