"""An import-linter contract for modules that must stay pure: it lists what they may import."""

from __future__ import annotations

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression


class OnlyImportsContract(Contract):
    """`modules`, with all below them, import themselves, the standard library, and what is in or below `allowed`.

    Options: modules (module expressions, so `*.domain` is each package's), allowed (module names).
    """

    type_name = "only_imports"

    modules = fields.SetField(subfield=fields.ModuleExpressionField())
    allowed = fields.SetField(subfield=fields.StringField(), required=False, default=frozenset())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        # The linter replaces the fields of the class by parsed values in the instance, which types cannot tell.
        modules: set[ModuleExpression] = vars(self)["modules"]
        allowed: set[str] = vars(self)["allowed"]
        for root in sorted(module.name for module in module_expressions_to_modules(graph, modules)):
            permitted = {root, *allowed}
            for importer in sorted({root} | graph.find_descendants(root)):
                for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                    if not _is_permitted(imported, permitted):
                        broken.append(f"{importer} imports {imported}")
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line)


def _is_permitted(module: str, permitted: set[str]) -> bool:
    if module.split(".")[0] in sys.stdlib_module_names:
        return True
    return any(module == root or module.startswith(f"{root}.") for root in permitted)
