"""What federation adds to a sketch: requirements, provided fields, overrides, fields hidden from clients."""

from __future__ import annotations

from .sketch import Choices, FieldSketch, Sketch, TypeSketch

KEY_NAMES = ("id", "code", "spec", "plate")
LITERALS = {
    "by": ("1", "7"),
    "as": ("LARGE",),
    "where": ("{kind: SMALL}",),
    "mood": ("SMALL",),
    "any": ("[1]", "{a: 2}"),
}


class TermMaker:
    """Adds terms to one sketch, each at most a few times."""

    def __init__(self, sketch: Sketch, choices: Choices):
        self.sketch = sketch
        self.choices = choices

    def add(self) -> None:
        entities = [one for one in self.sketch.types(entities=True) if not one.startswith("A")]
        for name in entities:
            for index in range(self.choices.between(0, 2)):
                self._requires(name, f"needs{index}")
        for name in entities:
            if self.choices.percent(25):
                self._override(name)
        if self.choices.percent(60):
            self._provides()
        if self.choices.percent(25):
            self._inaccessible()

    def _elsewhere(self, type_name: str, home: str) -> list[str]:
        """Fields of the type that the subgraph does not have itself."""
        here = self.sketch.part(type_name, home).fields
        found = {
            field: None
            for other in self.sketch.homes(type_name)
            for field, one in self.sketch.part(type_name, other).fields.items()
            if one.is_own and field not in KEY_NAMES and (field not in here or not here[field].is_own)
        }
        return list(found)

    def _requires(self, name: str, field_name: str) -> None:
        homes = [home for home in self.sketch.homes(name) if self._elsewhere(name, home)]
        homes = [home for home in homes if self.sketch.part(name, home).is_resolvable]
        if not homes:
            return
        home = self.choices.one(homes)
        wanted = self.choices.some(self._elsewhere(name, home))[:2]
        sets = [self._needed(name, one, home) for one in wanted]
        texts = [one for one in sets if one]
        if texts:
            arguments = "(by: Int = 3)" if self.choices.percent(25) else ""
            requires = f'@requires(fields: "{" ".join(texts)}")'
            field = FieldSketch(self.choices.one(("Int", "String")), arguments, [requires])
            self.sketch.part(name, home).fields[field_name] = field

    def _needed(self, type_name: str, field_name: str, home: str) -> str | None:
        """The field as text of a field set, declared external in `home`; None when `home` cannot say it."""
        field = self.sketch.field(type_name, field_name)
        inner = ""
        if field.named[0] in "EVIUJA" and len(field.named) <= 2:
            selected = self._selected(field.named, home)
            if selected is None:
                return None
            inner = f" {{ {selected} }}"
        self._external(type_name, field_name, home)
        return f"{field_name}{self._given(field)}{inner}"

    def _selected(self, target: str, home: str) -> str | None:
        """What a requirement may select of another type that `home` knows."""
        here = self.sketch.subgraphs[home]
        if target in here.unions:
            parts = [(one, self._selected(one, home)) for one in here.unions[target]]
            texts = [f"... on {one} {{ {text} }}" for one, text in parts if text]
            return " ".join(texts) or None
        part = here.types.get(target)
        if part is None or "@interfaceObject" in part.directives:
            return None
        leaves = [one for one, it in part.fields.items() if it.named[0] not in "EVIUJAS" or it.named == "String"]
        leaves = [one for one in leaves if not part.fields[one].arguments and "@requires" not in str(part.fields[one])]
        if part.kind == "type" and part.is_entity and self.choices.percent(50):
            absent = [one for one in self._elsewhere(target, home) if self._is_plain_leaf(target, one)]
            for one in absent[:1]:
                self._external(target, one, home)
                leaves = [one]
        return " ".join(leaves[:2]) or None

    def _is_plain_leaf(self, type_name: str, field_name: str) -> bool:
        field = self.sketch.field(type_name, field_name)
        is_leaf = field.named not in self.sketch.subgraphs[self.sketch.owners(type_name, field_name)[0]].types
        return is_leaf and field.named[0] not in "U" and not field.arguments and "requires" not in str(field.directives)

    def _external(self, type_name: str, field_name: str, home: str) -> None:
        part = self.sketch.part(type_name, home)
        if field_name not in part.fields:
            part.fields[field_name] = self.sketch.field(type_name, field_name).copy("@external")

    def _given(self, field: FieldSketch) -> str:
        if not field.arguments or self.choices.percent(30):
            return ""
        name = field.arguments[1:].split(":")[0]
        return f"({name}: {self.choices.one(LITERALS[name])})"

    def _override(self, name: str) -> None:
        """Moves a leaf to another subgraph, wholly or by a label."""
        homes = self.sketch.homes(name)
        movable = [
            (field, self.sketch.owners(name, field)[0])
            for field in {it: None for home in homes for it in self.sketch.part(name, home).fields}
            if field not in KEY_NAMES
            and len(self.sketch.owners(name, field)) == 1
            and self._is_plain_leaf(name, field)
            and all(
                field not in self.sketch.part(name, one).fields or one in self.sketch.owners(name, field)
                for one in homes
            )
        ]
        if not movable or len(homes) < 2:
            return
        field, old = self.choices.one(movable)
        new = self.choices.one([one for one in homes if one != old])
        label = f', label: "{self.choices.one(("percent(50)", "beta"))}"' if self.choices.percent(50) else ""
        moved = self.sketch.field(name, field).copy(f'@override(from: "{old}"{label})')
        self.sketch.part(name, new).fields[field] = moved

    def _provides(self) -> None:
        """Lets some fields that lead to an entity bring a leaf of it along."""
        for home, one in self.sketch.subgraphs.items():
            for part in list(one.types.values()):
                for field in list(part.fields.values()):
                    is_free = field.is_own and not any("provides" in it for it in field.directives)
                    if part.kind == "type" and is_free and self.choices.percent(30):
                        self._provide(home, part, field)

    def _provide(self, home: str, part: TypeSketch, field: FieldSketch) -> None:
        target = field.named
        members = self.sketch.subgraphs[home].unions.get(target, [target])
        texts = []
        for name in members:
            if not self.sketch.is_entity(name) or name[0] != "E":
                continue
            absent = [one for one in self._elsewhere(name, home) if self._is_plain_leaf(name, one)]
            if not absent or "@interfaceObject" in part.directives:
                continue
            leaf = self.choices.one(absent)
            if any("override" in it for it in self.sketch.field(name, leaf).directives):
                continue
            self._external(name, leaf, home)
            for owner in self.sketch.owners(name, leaf):
                self.sketch.part(name, owner).fields[leaf].mark("@shareable")
            texts.append(leaf if name == target else f"... on {name} {{ {leaf} }}")
        if texts:
            field.mark(f'@provides(fields: "{" ".join(texts)}")')

    def _inaccessible(self) -> None:
        entities = list(self.sketch.types(entities=True))
        name = self.choices.one(entities)
        fields = self.sketch.part(name, self.sketch.homes(name)[0]).fields
        fixed = {
            field
            for one in self.sketch.subgraphs.values()
            for it in one.types.values()
            if it.kind == "interface"
            for field in it.fields
        }
        free = [one for one in fields if one not in KEY_NAMES and one not in fixed and fields[one].is_own]
        if free:
            fields[self.choices.one(free)].mark("@inaccessible")
