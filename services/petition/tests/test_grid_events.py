"""What a grid worker reports becomes one petition, however often the event comes."""

from typing import Any

GRID = "371324001001001"


async def test_a_reported_grid_event_opens_one_petition(county: Any) -> None:
    found = {
        "gridEventId": "grid-event-1",
        "gridCode": GRID,
        "communityId": "community-1",
        "categoryCode": "040101",
        "location": {"longitude": 118.005, "latitude": 34.805},
        "foundAt": "2023-10-16T09:00:00Z",
    }
    await county.service.receive("grid", "grid_event.reported", "grid-event-1", found, times=3)
    await county.service.receive("grid", "grid_event.reported", "grid-event-1", found)
    document = """{ petitions(filter: {sourceType: {eq: GRID_EVENT}}) { edges { node {
        sourceId channel state gridCode communityId streetId handlingDepartmentId reporter { id } } } } }"""
    edges = (await county.service.data(document, token=county.secretary))["petitions"]["edges"]
    (petition,) = (edge["node"] for edge in edges if edge["node"]["sourceId"] == "grid-event-1")
    assert petition == {
        "sourceId": "grid-event-1",
        "channel": "GRID_PATROL",
        "state": "SUBMITTED",
        "gridCode": GRID,
        "communityId": "community-1",
        "streetId": "street-1",
        "handlingDepartmentId": "department-1",
        "reporter": None,
    }
    submitted = await county.service.published("petition.submitted")
    assert [event.data["sourceType"] for event in submitted if event.data["sourceId"] == "grid-event-1"] == [
        "GRID_EVENT"
    ]


async def test_a_grid_event_of_an_unknown_category_is_not_lost(county: Any) -> None:
    found = {
        "gridEventId": "grid-event-2",
        "gridCode": "unknown-grid",
        "communityId": "community-1",
        "categoryCode": "999",
        "foundAt": "2023-10-16T09:00:00Z",
    }
    await county.service.receive("grid", "grid_event.reported", "grid-event-2", found)
    stored = await county.service.store.database["petition"].find_one({"source_id": "grid-event-2"})
    assert (stored["grid_code"], stored["visibility"], stored["street_id"]) == ("unknown-grid", "INTERNAL", "street-1")
