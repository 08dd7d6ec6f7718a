"""Commands as clients give them: checked input, one commit, the same request once, refusals with a code."""

import asyncio
from typing import Any

import orjson
import pytest

from govkit.domain import Role

from ..conftest import ADMIN, Library, officer, resident

BRANCH: dict[str, Any] = {"code": "a1", "name": "总馆", "copies": 5}
REQUEST = "mutation($input: RequestLoanInput!) { requestLoan(input: $input) { id copies state } }"


async def make_branch(library: Library, **values: Any) -> str:
    made = await library.do("createBranch", **{**BRANCH, **values})
    return str(made["id"])


async def test_a_register_is_created_and_updated(library: Library) -> None:
    value: dict[str, Any] = {
        "kind": "MOBILE",
        "openedOn": "2020-02-29",
        "inspectedAt": "2021-05-01T09:00:00.123456+08:00",
        "location": {"longitude": 118.5, "latitude": 34.6},
        "hours": {"opens": "08:30", "days": [1, 2]},
        "area": {"type": "Point", "coordinates": [118.5, 34.6]},
        "subjects": ["art", "law"],
        "remark": "  有人\n排队  ",
    }
    selection = """kind openedOn inspectedAt location { longitude latitude } hours { opens days since } area subjects
        remark version hasBooks"""
    made = await library.do("createBranch", selection + " id", **{**BRANCH, **value})
    expected = value | {
        # Whole milliseconds in UTC, as the database keeps them, so that the answer is what will be read.
        "inspectedAt": "2021-05-01T01:00:00.123000+00:00",
        "hours": {"opens": "08:30", "days": [1, 2], "since": None},
        "remark": "有人\n排队",
        "version": 1,
        "hasBooks": True,
    }
    id = made.pop("id")
    assert made == expected
    read = await library.data(f'{{ branch(id: "{id}") {{ {selection} }} }}')
    assert read["branch"] == expected
    changed = await library.do("updateBranch", "name remark version", id=id, remark=None, expectedVersion=1)
    assert changed == {"name": "总馆", "remark": None, "version": 2}
    same = await library.do("updateBranch", "version", id=id, name="总馆")
    assert same == {"version": 2}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "   "}, "name"),
        ({"name": "长" * 121}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"code": "有 字"}, "code"),
        ({"communityId": "张三 13812348000"}, "communityId"),
        ({"partnerIds": ["x", "张三"]}, "partnerIds[1]"),
        ({"copies": -1}, "copies"),
        ({"name": "张三\u202e"}, "name"),
        ({"name": "上\n下"}, "name"),
        ({"name": "\u3164"}, "name"),
        ({"clientMutationId": "m\u0000"}, "clientMutationId"),
        ({"subjects": ["a"] * 1_001}, "subjects"),
        ({"openedOn": "0001-01-01"}, "openedOn"),
        ({"expectedVersion": 1}, "expectedVersion"),
        ({"location": {"longitude": 181, "latitude": 0}}, "location.longitude"),
        ({"hours": {"opens": "25", "days": []}}, "hours.opens"),
        ({"inspectedAt": "2021-05-01T09:00:00"}, "inspectedAt"),
        ({"inspectedAt": "2021-05-01"}, "inspectedAt"),
        ({"inspectedAt": "0001-01-01T00:00:00+08:00"}, "inspectedAt"),
        ({"inspectedAt": "9999-12-31T23:59:59-12:00"}, "inspectedAt"),
        ({"area": "everywhere"}, "area"),
        ({"area": {"type": "Point"}}, "area"),
        ({"area": [1]}, "area"),
    ],
)
async def test_input_that_breaks_a_rule_is_refused_with_its_path(
    library: Library, values: dict[str, Any], field: str
) -> None:
    error = await library.refused("createBranch", **{**BRANCH, **values})
    assert (error["code"], error["field"]) == ("GEN_VALIDATION", field)
    assert error["retryable"] is False
    assert await library.rows("branch") == []


async def test_null_says_as_much_as_nothing_where_there_is_a_value_without_it(library: Library) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("kind", "copies", "subjects", "expectedVersion", "remark"))
    made = await library.do("createBranch", "id kind subjects copies", code="a1", name="总馆", **nothing)
    id = made.pop("id")
    assert made == {"kind": "MAIN", "subjects": [], "copies": 0}
    selection = "name kind subjects remark version"
    kept = await library.do("updateBranch", selection, id=id, subjects=["art"], remark="旧", kind="MOBILE")
    same = await library.do("updateBranch", selection, id=id, name=None, kind=None, subjects=None)
    assert same == kept
    assert (await library.do("updateBranch", "remark", id=id, remark=None)) == {"remark": None}
    counted = await library.data('{ countWords(text: "a b", fail: null) { words } }')
    assert counted["countWords"]["words"] == 2


async def test_what_looks_the_same_is_the_same_request_and_the_same_code(library: Library) -> None:
    first = await library.do("createBranch", code="ａ１", name="Cafe\u0301", clientMutationId="m1")
    again = await library.do("createBranch", code="a1", name="Caf\u00e9", clientMutationId="m1")
    assert first == again
    assert (await library.data('{ branch(code: "ａ１") { name } }'))["branch"] == {"name": "Caf\u00e9"}
    other = await library.refused("createBranch", code="a１", name="新馆")
    assert (other["code"], other["field"]) == ("LIB_DUPLICATE_CODE", "code")


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "PALACE"},
        {"copies": "many"},
        {"copies": 2**31},
        {"openedOn": "2021-02-30"},
        {"secret": 1},
        {"code": None},
    ],
)
async def test_input_that_the_schema_does_not_know_is_refused_before_anything(
    library: Library, values: dict[str, Any]
) -> None:
    document = "mutation($input: CreateBranchInput!) { createBranch(input: $input) { id } }"
    assert await library.refusal(document, {"input": {**BRANCH, **values}}) == "GRAPHQL_VALIDATION_FAILED"
    assert await library.rows("branch") == []


async def test_roles_come_first_then_reach(library: Library) -> None:
    clerk = officer(Role.GRID_WORKER)
    assert (await library.refused("createBranch", actor=clerk, **BRANCH | {"name": ""}))["code"] == "AUTH_FORBIDDEN"
    mine = officer(Role.STREET_OFFICER, county_wide=False, street_ids=frozenset({"s1"}))
    await heard_of(library, "c1", street="s1")
    await heard_of(library, "c2", street="s2")
    other = await library.refused("createBranch", actor=mine, **BRANCH, communityId="c2")
    assert other["code"] == "AUTH_OUT_OF_SCOPE"
    made = await library.do("createBranch", actor=mine, **BRANCH, communityId="c1")
    # A record may not be moved out of one's own reach either.
    moved = await library.refused("updateBranch", actor=mine, id=made["id"], communityId="c2")
    assert moved["code"] == "AUTH_OUT_OF_SCOPE"


async def heard_of(library: Library, community_id: str, street: str = "s") -> None:
    data = {"communityId": community_id, "streetId": street}
    row = {"_id": f"Community:{community_id}", "type": "Community", "data": data}
    await library.store.database["references"].insert_one(row)


async def test_references_must_be_known_and_each_kind_is_one_query(library: Library) -> None:
    for values, field in (
        ({"communityId": "unknown"}, "communityId"),
        ({"parentId": "unknown"}, "parentId"),
        ({"partnerIds": ["unknown"]}, "partnerIds"),
    ):
        error = await library.refused("createBranch", **BRANCH, **values)
        assert (error["code"], error["field"]) == ("GEN_REFERENCE_UNKNOWN", field)
        assert error["details"]["id"] == "unknown"
    await heard_of(library, "c1")
    ids = [await make_branch(library, code=f"p{number}") for number in range(4)]
    id = await make_branch(library, communityId="c1", parentId=ids[0], partnerIds=ids)
    # What was true when it was stored is no obstacle to other changes later.
    await library.store.database["references"].delete_many({})
    assert (await library.do("updateBranch", "version", id=id, name="新名"))["version"] == 2
    assert (await library.refused("updateBranch", id=id, communityId="c9"))["field"] == "communityId"
    # A code that nobody keeps is the owner's business: residents have no register here.
    assert await library.do("joinLibrary", actor=resident(), name="张三")


async def test_the_same_request_again_gets_the_same_result(library: Library) -> None:
    values: dict[str, Any] = {"branchId": await make_branch(library), "copies": 2, "clientMutationId": "m1"}
    answers = await asyncio.gather(*(library.data(REQUEST, {"input": values}, resident()) for _ in range(6)))
    assert len({answer["requestLoan"]["id"] for answer in answers}) == 1
    assert [row["copies"] for row in await library.rows("branch")] == [3]
    error = await library.refused("requestLoan", actor=resident(), **values | {"copies": 1})
    assert (error["code"], error["field"]) == ("GEN_IDEMPOTENCY_MISMATCH", "clientMutationId")
    # Another caller's request of the same number is another request.
    other = await library.data(REQUEST, {"input": values}, resident("resident-2"))
    assert other["requestLoan"]["id"] != answers[0]["requestLoan"]["id"]


async def test_a_required_request_number_and_its_length(library: Library) -> None:
    id = await make_branch(library)
    assert (await library.refused("requestLoan", actor=resident(), branchId=id))["field"] == "clientMutationId"
    too_long = await library.refused("requestLoan", actor=resident(), branchId=id, clientMutationId="x" * 101)
    assert too_long["code"] == "GEN_VALIDATION"


async def test_a_refused_request_leaves_no_receipt(library: Library) -> None:
    id = await make_branch(library, copies=1)
    values: dict[str, Any] = {"branchId": id, "copies": 2, "clientMutationId": "m1"}
    assert (await library.refused("requestLoan", actor=resident(), **values))["code"] == "LIB_TOO_MANY_COPIES"
    assert await library.rows("receipts") == []
    await library.do("updateBranch", id=id, copies=9)
    assert (await library.do("requestLoan", "copies", actor=resident(), **values))["copies"] == 2


async def test_a_repeated_request_shows_nothing_that_the_caller_may_no_longer_read(library: Library) -> None:
    values: dict[str, Any] = {"name": "张三", "clientMutationId": "m1"}
    made = await library.do("joinLibrary", actor=resident(), **values)
    assert await library.do("joinLibrary", actor=resident(), **values) == made
    await library.store.database["reader"].update_one({"_id": made["id"]}, {"$set": {"resident_id": "heir"}})
    assert (await library.refused("joinLibrary", actor=resident(), **values))["code"] == "AUTH_OUT_OF_SCOPE"
    await library.store.database["reader"].delete_one({"_id": made["id"]})
    assert (await library.refused("joinLibrary", actor=resident(), **values))["code"] == "GEN_NOT_FOUND"


async def test_the_expected_version_is_checked(library: Library) -> None:
    id = await make_branch(library)
    error = await library.refused("updateBranch", id=id, name="甲", expectedVersion=3)
    assert (error["code"], error["details"]) == ("GEN_VERSION_CONFLICT", {"expected": 3, "actual": 1})
    changes = [library.mutate("updateBranch", "version", id=id, name=f"馆{n}", expectedVersion=1) for n in range(4)]
    answers = await asyncio.gather(*changes)
    codes = sorted(answer["errors"][0]["extensions"]["code"] if answer["errors"] else "" for answer in answers)
    assert codes == ["", *["GEN_VERSION_CONFLICT"] * 3]


async def test_of_requests_that_compete_each_is_decided_on_what_the_others_left(library: Library) -> None:
    id = await make_branch(library, copies=10)
    requests = (
        library.mutate("requestLoan", "id", resident(f"r{n}"), branchId=id, copies=3, clientMutationId="m")
        for n in range(8)
    )
    answers = await asyncio.gather(*requests)
    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers if answer["errors"]]
    assert codes == ["LIB_TOO_MANY_COPIES"] * 5
    (branch,) = await library.rows("branch")
    assert (branch["copies"], branch["version"]) == (1, 4)
    assert len(await library.rows("loan")) == 3


async def request_loan(library: Library, actor: Any = None, **values: Any) -> str:
    branch_id = await make_branch(library, code=f"b{len(await library.rows('branch'))}")
    made = await library.do(
        "requestLoan", actor=actor or resident(), branchId=branch_id, clientMutationId=branch_id, **values
    )
    return str(made["id"])


async def test_states_reasons_and_what_is_allowed(library: Library) -> None:
    id = await request_loan(library)
    secretary = officer(Role.COMMUNITY_SECRETARY)
    assert (await library.refused("refuse", actor=secretary, id=id))["code"] == "GEN_REASON_REQUIRED"
    hints = await library.data(
        f'{{ loan(id: "{id}") {{ allowedActions {{ action allowed reasonCode }} }} }}', None, secretary
    )
    assert {hint["action"]: hint["reasonCode"] for hint in hints["loan"]["allowedActions"]} == {
        "lend": None,
        "refuse": None,
        "giveBack": "AUTH_FORBIDDEN",
        "remind": None,
    }
    assert (await library.do("lend", "state", actor=secretary, id=id))["state"] == "LENT"
    error = await library.refused("refuse", actor=secretary, id=id, reason="破损")
    assert error["code"] == "GEN_INVALID_STATE"
    assert error["details"] == {"current": "LENT", "action": "refuse", "allowed": ["giveBack", "remind"]}
    assert (await library.refused("giveBack", actor=resident("other"), id=id))["code"] == "AUTH_OUT_OF_SCOPE"
    assert (await library.do("giveBack", "state", actor=resident(), id=id))["state"] == "RETURNED"
    assert (await library.refused("lend", actor=secretary, id="unknown"))["code"] == "GEN_NOT_FOUND"


async def test_what_one_command_changed_the_next_of_the_same_request_reads(library: Library) -> None:
    id = await request_loan(library)
    (branch,) = await library.rows("branch")
    document = """mutation($remind: RemindInput!, $branch: UpdateBranchInput!, $lend: LendInput!) {
        remind(input: $remind) { branch { name } }
        updateBranch(input: $branch) { id }
        lend(input: $lend) { branch { name } }
    }"""
    variables = {"remind": {"id": id}, "lend": {"id": id}, "branch": {"id": branch["_id"], "name": "新名"}}
    answer = await library.data(document, variables)
    assert answer["remind"]["branch"]["name"] == "总馆"
    assert answer["lend"]["branch"]["name"] == "新名"


async def test_commands_of_one_request_stand_alone(library: Library) -> None:
    document = """mutation($good: CreateBranchInput!, $bad: CreateBranchInput!) {
        one: createBranch(input: $good) { code } two: createBranch(input: $bad) { code }
    }"""
    answer = await library.query(document, {"good": BRANCH, "bad": BRANCH})
    assert answer["data"] == {"one": {"code": "a1"}, "two": None}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["two"], "LIB_DUPLICATE_CODE")


async def test_the_audit_trail_is_for_staff_and_keeps_the_reason(library: Library) -> None:
    id = await request_loan(library)
    await library.do("refuse", actor=officer(Role.COMMUNITY_SECRETARY, id="secretary"), id=id, reason="库存盘点")
    document = f"""{{ loan(id: "{id}") {{ id auditTrail(first: 5) {{
        action actorId actorRoles fromState toState reason version changes {{ field before after }} }} }} }}"""
    newest, oldest = (await library.data(document, None, officer(Role.AUDITOR)))["loan"]["auditTrail"]
    assert newest == {
        "action": "refuse",
        "actorId": "secretary",
        "actorRoles": ["COMMUNITY_SECRETARY"],
        "fromState": "REQUESTED",
        "toState": "REFUSED",
        "reason": "库存盘点",
        "version": 2,
        "changes": [{"field": "state", "before": "REQUESTED", "after": "REFUSED"}],
    }
    assert oldest["action"] == "requestLoan"
    refused = await library.query(document, None, resident())
    assert refused["data"] == {"loan": {"id": id, "auditTrail": None}}
    assert refused["errors"][0]["extensions"]["code"] == "AUTH_FORBIDDEN"


async def test_numbers_of_a_day_do_not_repeat(library: Library) -> None:
    numbers = await asyncio.gather(*(library.store.next_number("day") for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))


async def test_every_commands_events_tell_who_and_why(library: Library) -> None:
    await request_loan(library, ADMIN)
    (event,) = [
        orjson.loads(row["envelope"]) for row in await library.rows("outbox") if b"loan.requested" in row["envelope"]
    ]
    (receipt,) = await library.rows("receipts")
    assert event["causationid"] == receipt["_id"]
    assert event["source"] == "/lanling/library"
    assert set(event["data"]) == {"loanId", "branchId"}
