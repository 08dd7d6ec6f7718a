"""Commands of plain registers, derived from the domain class: create with all settable fields, update with any."""

from typing import Any

from govkit.commands import Command, Context
from govkit.domain.aggregate import Aggregate
from govkit.domain.fields import Field, fields_of
from govkit.domain.ports import new_id


def register_commands(cls: type[Aggregate]) -> tuple[Command, Command]:
    """The create and the update command of a class with `REGISTER`."""
    register = cls.REGISTER
    assert register is not None
    settable = tuple(item for item in cls.declared() if not item.managed)
    meaning = (cls.__doc__ or "").strip().split("\n", 1)[0]
    id_field = next(item for item in fields_of(Aggregate) if item.name == "id")
    create = Command(
        name=str(register.create),
        doc=f"登记 Register: {meaning}",
        result=cls,
        roles=register.roles,
        fields=settable,
        required=frozenset(item.name for item in settable if not item.has_default),
        handler=_creator(cls),
        build=lambda values: values,
    )
    update = Command(
        name=str(register.update),
        doc=f"变更 Update; fields left out stay as they are: {meaning}",
        result=cls,
        roles=register.roles,
        fields=(id_field, *settable),
        required=frozenset({"id"}),
        handler=_updater(cls, settable),
        build=lambda values: values,
    )
    return create, update


def _creator(cls: type[Aggregate]) -> Any:
    async def create(context: Context, values: dict[str, Any]) -> Aggregate:
        record = cls(id=new_id(), **values)
        record.check()
        record.registered()
        return await context.add(record)

    return create


def _updater(cls: type[Aggregate], settable: tuple[Field, ...]) -> Any:
    async def update(context: Context, values: dict[str, Any]) -> Aggregate:
        record = await context.load(cls, values["id"])
        changed = {name: value for name, value in values.items() if name != "id" and getattr(record, name) != value}
        if not changed:
            return record
        for name, value in changed.items():
            setattr(record, name, value)
        record.check()
        await context.check_references(record, changed)
        # The record may have been moved: the caller must reach its new place as well.
        await context.authorise(record)
        record.registered("changed")
        return record

    return update
