"""The table of dataset types is Axolotl's own, and so are the columns."""

import ast
import importlib.util
from pathlib import Path

import pytest

from emp_plugins.check.datasets.contracts import DPO, KTO, ORPO, SFT, SFT_OTHERS
from emp_plugins.check.imports.modules import module_file

axolotl = module_file("axolotl")
if axolotl is None:
    pytest.skip("needs the train extra", allow_module_level=True)
STRATEGIES = axolotl.parent / "prompt_strategies"

EXCHANGE = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
CELLS = {
    "any": "text",
    "exchange": EXCHANGE,
    "messages": EXCHANGE,
    "list": [{"rank": 1, "answer": "a"}, {"rank": 2, "answer": "b"}],
}


def functions(folder):
    for file in sorted((STRATEGIES / folder).glob("[a-z]*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith(("_", "load")):
                yield f"{file.stem}.{node.name}"


@pytest.mark.parametrize(("folder", "table"), [("dpo", DPO), ("kto", KTO), ("orpo", ORPO)])
def test_transforms(folder, table):
    assert set(functions(folder)) == set(table)


def test_strategies():
    modules = {file.stem for file in STRATEGIES.glob("*.py")}
    tree = ast.parse((axolotl.parent / "utils/data/wrappers.py").read_text())
    tables = [node for node in tree.body if isinstance(node, ast.Assign)]
    handlers = next(n.value for n in tables if ast.unparse(n.targets[0]) == "DATASET_HANDLERS")
    known = modules | {ast.literal_eval(key) for key in handlers.keys}
    others = {"messages", "bradley_terry"}
    helpers = {"__init__", "base", "jinja_template_analyzer"}
    assert {*SFT, *SFT_OTHERS} == known - helpers | others


def loaded(folder, kind):
    """A transform out of its file alone: these modules import nothing."""
    module, name = kind.split(".")
    path = STRATEGIES / folder / f"{module}.py"
    spec = importlib.util.spec_from_file_location(f"alone_{folder}_{module}", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return getattr(made, name)({"datasets": [{"type": {}}]})


ALONE = [
    (folder, kind, columns)
    for folder, table in (("dpo", DPO), ("kto", KTO))
    for kind, columns in table.items()
    if kind.split(".")[0] in ("chatml", "llama3", "zephyr")
]


@pytest.mark.parametrize(("folder", "kind", "columns"), ALONE)
def test_columns(folder, kind, columns):
    """The transform runs on a row with the columns of the table, and on none that lacks one."""
    transform = loaded(folder, kind)
    read = [column for column in columns if column.kind != "label"]  # TRL reads that one
    row = {column.name: CELLS[column.kind] for column in read}
    assert transform(dict(row))["prompt"]
    for column in read:
        with pytest.raises(KeyError):
            transform({name: cell for name, cell in row.items() if name != column.name})
        for other in column.others:
            renamed = {other if name == column.name else name: row[name] for name in row}
            assert transform(renamed)["prompt"]


def test_the_files_are_there():
    assert Path(STRATEGIES / "dpo/chatml.py").is_file()
