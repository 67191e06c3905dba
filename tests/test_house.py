"""The house rules that a program can check: who imports whom, how long modules are, what may not be in the tree."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "pipelines": {"pipelines"},
    "scrapers": {"pipelines", "scrapers"},
    "khotin": {"pipelines", "scrapers", "khotin"},
}
LONGEST_MODULE = 400


def modules() -> dict[str, Path]:
    found = {}
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path, known: set[str], *, at_import_time: bool) -> set[str]:
    """The modules of ours that a module imports; without those it imports only for types or inside functions."""
    names: set[str] = set()

    def visit(node: ast.AST) -> None:
        if at_import_time and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if at_import_time and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return names & known


def test_imports_run_one_way() -> None:
    known = modules()
    wrong = [
        f"{name} imports {other}"
        for name, path in known.items()
        for other in imports_of(path, set(known), at_import_time=False)
        if other.split(".")[0] not in MAY_IMPORT[name.split(".")[0]]
    ]
    assert wrong == []


def test_no_module_imports_itself_round_a_corner() -> None:
    known = modules()
    graph = {
        # A package's own modules may import each other; what counts is that no circle goes through them.
        name: {other for other in imports_of(path, set(known), at_import_time=True) if not name.startswith(f"{other}.")}
        for name, path in known.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"circular import: {' -> '.join(error.args[1])}")


def test_every_module_can_be_imported_first() -> None:
    code = "import importlib, sys; importlib.import_module(sys.argv[1])"
    for name in ("pipelines.extract", "pipelines.store", "scrapers.spiders.site", "scrapers.runner", "khotin.cli"):
        done = subprocess.run(
            [sys.executable, "-W", "error::ImportWarning", "-c", code, name], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


def test_modules_stay_short() -> None:
    long = {
        name: lines
        for name, path in modules().items()
        if (lines := path.read_text(encoding="utf-8").count("\n")) > LONGEST_MODULE
    }
    assert long == {}


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_the_tree_names_no_package_index_and_no_foreign_path() -> None:
    forbidden = ("--index-" + "url", "--extra-" + "index", "pypi." + "org/simple", "file" + ":///opt", "/wo" + "rk/")
    wrong = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked_files()
        if path.suffix not in (".gz", ".png", ".ico") and path.is_file()
        for word in forbidden
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert wrong == []
