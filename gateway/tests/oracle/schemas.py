"""Makes up federations: what types there are, where they live, and which fields lead where.

The order matters: leaves first, so that interfaces know what their members share; then fields that lead to other
types; then the root fields. What federation adds to that (``@requires``, ``@provides``, …) is in `terms`. A made-up
federation may fail to compose; the caller takes the next one.
"""

from __future__ import annotations

from .sketch import Choices, FieldSketch, Sketch, SubgraphSketch, TypeSketch

LEAVES = {
    "name": "String",
    "size": "Int",
    "ratio": "Float",
    "kind": "Kind",
    "blob": "Blob",
    "big": "Long",
    "grid": "[[Int!]]",
    "tags": "[String]",
    "on": "Boolean",
}
ARGUMENTS = ("(by: Int)", "(by: Int = 2, as: Kind = SMALL)", "(where: Filter)", "(mood: Mood)", "(any: Blob)")
WRAPPERS = ("{}", "{}", "{}!", "[{}]", "[{}!]", "[{}!]!", "[[{}]]", "[[{}!]!]")
KEYS = ("id", "code", "id code", "spec { serial }", "code spec { serial }")
KEY_FIELDS = {"id": "ID!", "code": "String!", "spec": "Spec!", "plate": "String!"}


class SchemaMaker:
    """Makes one sketch."""

    def __init__(self, choices: Choices):
        self.choices = choices
        names = "abcd"[: choices.between(2, 4)]
        self.sketch = Sketch({name: SubgraphSketch() for name in names})
        self.names = list(names)
        self._members: dict[str, list[str]] = {}

    def make(self) -> Sketch:
        for index in range(self.choices.between(1, 5)):
            self._entity(f"E{index}")
        for index in range(self.choices.between(0, 2)):
            self._value(f"V{index}")
        for index in range(self.choices.between(0, 2)):
            self._interface(f"I{index}")
        for index in range(self.choices.between(0, 2)):
            self._union(f"U{index}")
        if self.choices.percent(30):
            self._interface_object()
        for name in [*self.sketch.types(entities=True), *self.sketch.types(entities=False)]:
            for index in range(self.choices.between(0, 2)):
                self._edge(name, f"to{index}")
        for name in self.names:
            self._roots("Query", name, self.choices.between(1, 3))
            if self.choices.percent(25):
                self._roots("Mutation", name, 1)
        self._shared_root()
        return self.sketch

    def finish(self) -> Sketch:
        """Adds the types of leaves and arguments, when everything else is there."""
        for one in self.sketch.subgraphs.values():
            if any("spec" in part.fields for part in one.types.values()):
                one.types["Spec"] = TypeSketch(directives=["@shareable"], fields={"serial": FieldSketch("String!")})
            hues = "SMALL LARGE" if self.choices.percent(70) else "SMALL LARGE ODD"
            inner = "" if self.choices.percent(70) else " inner: Filter"
            one.others = [
                "scalar Blob",
                "scalar Long",
                "enum Kind { SMALL LARGE }",
                f"enum Mood {{ {hues} }}",
                f"input Filter {{ kind: Kind sizes: [[Int!]]{inner} }}",
            ]
        return self.sketch

    def leaf(self, name: str, *, with_arguments: bool = True) -> FieldSketch:
        type_text = LEAVES[name]
        if self.choices.percent(20):
            type_text += "!"
        arguments = self.choices.one(ARGUMENTS) if with_arguments and self.choices.percent(20) else ""
        return FieldSketch(type_text, arguments)

    def _entity(self, name: str) -> None:
        homes = self.choices.some(self.names)
        keys = self.choices.some(KEYS) if self.choices.percent(40) else ["id"]
        everywhere = self.choices.one(keys) if self.choices.percent(88) else None
        for home in homes:
            part = self.sketch.subgraphs[home].types[name] = TypeSketch()
            own = [everywhere] if everywhere else []
            if not own or self.choices.percent(30):
                own += self.choices.some(keys)
            for index, key in enumerate(own):
                self.add_key(part, key, resolvable=index == 0 or not self.choices.percent(25))
        for leaf in self.choices.some(list(LEAVES)):
            self._place(name, leaf, self.leaf(leaf), homes)

    def add_key(self, part: TypeSketch, key: str, *, resolvable: bool) -> None:
        part.key(key, resolvable=resolvable)
        for field, type_text in KEY_FIELDS.items():
            if field in key.split():
                part.fields.setdefault(field, FieldSketch(type_text))

    def _place(self, type_name: str, field_name: str, field: FieldSketch, homes: list[str]) -> None:
        """Gives the field to one of `homes`, or to several that share it."""
        owners = [self.choices.one(homes)] if self.choices.percent(65) else self.choices.some(homes)
        shared = ["@shareable"] if len(owners) > 1 else []
        for home in owners:
            self.sketch.part(type_name, home).fields[field_name] = field.copy(*shared)
            if shared and field.type.endswith("!") and self.choices.percent(20):
                self.sketch.part(type_name, home).fields[field_name].type = field.type[:-1]

    def _value(self, name: str) -> None:
        leaves = {one: self.leaf(one) for one in self.choices.some(list(LEAVES))[:4]}
        is_equal = self.choices.percent(85)
        for home in self.choices.some(self.names):
            own = list(leaves) if is_equal else self.choices.some(list(leaves))
            fields = {one: leaves[one].copy() for one in own}
            self.sketch.subgraphs[home].types[name] = TypeSketch(directives=["@shareable"], fields=fields)

    def _interface(self, name: str) -> None:
        objects = [*self.sketch.types(entities=True), *self.sketch.types(entities=False)]
        members = self._members[name] = self.choices.some(objects)
        everywhere = set.intersection(*(self._field_names(one) for one in members))
        for home in self.choices.some(self.names):
            here = [one for one in members if home in self.sketch.homes(one)]
            parts = [self.sketch.part(one, home) for one in here]
            shared = everywhere.intersection(*(part.fields for part in parts))
            fields = {}
            for one in sorted(shared):
                found = [part.fields[one] for part in parts]
                if len({(it.type.rstrip("!"), it.arguments) for it in found}) == 1:
                    strict = all(it.type.endswith("!") for it in found) and self.choices.percent(50)
                    fields[one] = FieldSketch(found[0].type.rstrip("!") + "!" * strict, found[0].arguments)
            if here and fields:
                self.sketch.subgraphs[home].types[name] = TypeSketch("interface", fields=fields)
                for part in parts:
                    part.interfaces.append(name)

    def _field_names(self, type_name: str) -> set[str]:
        return {field for home in self.sketch.homes(type_name) for field in self.sketch.part(type_name, home).fields}

    def _union(self, name: str) -> None:
        objects = [*self.sketch.types(entities=True), *self.sketch.types(entities=False)]
        members = self._members[name] = self.choices.some(objects, least=2)
        for home in self.choices.some(self.names):
            here = [one for one in members if home in self.sketch.homes(one)]
            if here and self.choices.percent(30):
                here = self.choices.some(here)
            if here:
                self.sketch.subgraphs[home].unions[name] = here

    def _interface_object(self) -> None:
        """An interface whose members live in one subgraph; others add fields to all of them at once."""
        home, *others = self.choices.some(self.names, least=2)
        leaves = self.choices.some(list(LEAVES))
        common = leaves[0]
        shared = self.leaf(common)
        interface = TypeSketch("interface", fields={common: shared.copy()})
        keys = ["id", "plate"] if self.choices.percent(40) else ["id"]
        for key in keys:
            self.add_key(interface, key, resolvable=True)
        self.sketch.subgraphs[home].types["J"] = interface
        for name in ("A0", "A1")[: self.choices.between(1, 2)]:
            part = self.sketch.subgraphs[home].types[name] = TypeSketch(interfaces=["J"])
            for key in keys:
                self.add_key(part, key, resolvable=True)
            part.fields[common] = shared.copy()
            for leaf in self.choices.some(leaves[1:], least=0):
                part.fields[leaf] = self.leaf(leaf)
        for index, other in enumerate(others):
            adds = TypeSketch(directives=["@interfaceObject"])
            key = self.choices.one(keys)
            self.sketch.subgraphs[other].types["J"] = adds
            if self.choices.percent(20):  # it can name them and no more
                self.add_key(adds, key, resolvable=False)
                continue
            self.add_key(adds, key, resolvable=True)
            adds.fields[f"added{index}"] = self.leaf("size")
            if self.choices.percent(40):
                adds.fields[common] = shared.copy("@external")
                requires = f'@requires(fields: "{common}")'
                adds.fields[f"needs{index}"] = FieldSketch("String", directives=[requires])

    def _targets(self, home: str) -> list[str]:
        one = self.sketch.subgraphs[home]
        return [name for name in one.types if name not in ("Query", "Mutation", "Spec")] + list(one.unions)

    def _edge(self, type_name: str, field_name: str) -> None:
        """A field that leads to another type; values lead only to entities, so that made-up data ends."""
        homes = self.sketch.homes(type_name)
        is_entity = self.sketch.is_entity(type_name)
        if is_entity:  # what can only be named has no fields of its own
            homes = [home for home in homes if self.sketch.part(type_name, home).is_resolvable]
        home = self.choices.one(homes)
        if self.choices.percent(25):
            self._stub(home)
        targets = [one for one in self._targets(home) if is_entity or self.sketch.is_entity(one)]
        if not targets:
            return
        target = self.choices.one(targets)
        arguments = self.choices.one(ARGUMENTS) if self.choices.percent(15) else ""
        field = FieldSketch(self.choices.one(WRAPPERS).format(target), arguments)
        able = [one for one in homes if self.sketch.subgraphs[one].knows(target)]
        if is_entity:
            self._place(type_name, field_name, field, able)
        elif able == homes or self.choices.percent(10):
            for one in able:
                self.sketch.part(type_name, one).fields[field_name] = field.copy()

    def _stub(self, home: str) -> None:
        """An entity of other subgraphs, that this one can only name."""
        absent = [one for one in self.sketch.types(entities=True) if home not in self.sketch.homes(one)]
        absent = [one for one in absent if not one.startswith("A")]
        if not absent:
            return
        name = self.choices.one(absent)
        owner = self.sketch.part(name, self.sketch.homes(name)[0])
        key = next(one for one in owner.directives if one.startswith("@key")).split('"')[1]
        part = self.sketch.subgraphs[home].types[name] = TypeSketch()
        self.add_key(part, key, resolvable=self.choices.percent(50))

    def _roots(self, root: str, home: str, count: int) -> None:
        part = self.sketch.subgraphs[home].types.setdefault(root, TypeSketch())
        for index in range(count):
            targets = self._targets(home)
            if targets and self.choices.percent(92):
                field = FieldSketch(self.choices.one(WRAPPERS).format(self.choices.one(targets)))
            else:
                field = self.leaf(self.choices.one(list(LEAVES)))
            if self.choices.percent(15):
                field.arguments = self.choices.one(ARGUMENTS)
            part.fields[f"{home}{root[0].lower()}{index}"] = field

    def _shared_root(self) -> None:
        if not self.choices.percent(30):
            return
        homes = self.choices.some(self.names, least=2)
        shared = set.intersection(*(set(self._targets(home)) for home in homes))
        if shared:
            text = self.choices.one(WRAPPERS).format(self.choices.one(sorted(shared)))
            for home in homes:
                self.sketch.part("Query", home).fields["shared"] = FieldSketch(text, directives=["@shareable"])
