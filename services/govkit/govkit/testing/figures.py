"""Figures against the lists behind them."""

from typing import Any

from govkit.testing.service import RunningService


async def check_figures(service: RunningService, token: str, root: str, expected: dict[str, int]) -> None:
    """The statistics root answers exactly `expected`, and each figure is the count (or sum) of the list behind it."""
    document = f"{{ {root} {{ {' '.join(expected)} definitions {{ name list filter sum }} }} }}"
    answer = (await service.data(document, token=token))[root]
    assert {name: answer[name] for name in expected} == expected
    for definition in answer["definitions"]:
        if definition["name"] in expected:
            assert await _listed(service, token, definition) == expected[definition["name"]], definition


async def _listed(service: RunningService, token: str, definition: dict[str, Any]) -> int:
    """The number that a client gets by opening the list."""
    name, type_name = definition["list"], await _filter_type(service, token, definition["list"])
    document = f"""query($filter: {type_name}, $after: String) {{ {name}(filter: $filter, first: 100, after: $after) {{
        totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {definition["sum"] or "id"} }} }} }} }}"""
    variables: dict[str, Any] = {"filter": definition["filter"]}
    if not definition["sum"]:
        return int((await service.data(document, variables, token))[name]["totalCount"])
    total: int = 0
    while True:
        page = (await service.data(document, variables, token))[name]
        total += sum(int(edge["node"][definition["sum"]]) for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return total
        variables["after"] = page["pageInfo"]["endCursor"]


async def _filter_type(service: RunningService, token: str, list_name: str) -> str:
    document = "{ __schema { queryType { fields { name args { name type { name } } } } } }"
    fields = (await service.data(document, token=token))["__schema"]["queryType"]["fields"]
    arguments = next(field["args"] for field in fields if field["name"] == list_name)
    return str(next(argument["type"]["name"] for argument in arguments if argument["name"] == "filter"))
