from ..conftest import Library


async def test_create(library: Library) -> None:
    made = await library.do("createBranch", "id code version hasBooks", code="a1", name="总馆")
    assert made["version"] == 1
