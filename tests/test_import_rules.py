"""The architecture, as assertions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = sorted((ROOT / "xai_core").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
NEVER_IN_CORE = {"streamlit", "plotly", "starlette", "pages"}
REGISTERS = ("register_forward", "register_full_backward", "register_module", "register_hook", "register_backward")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CORE, ids=shown)
def test_the_core_knows_nothing_of_the_pages(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported(path)} & NEVER_IN_CORE


@pytest.mark.parametrize("path", [p for p in CORE if p.parent.name == "methods"], ids=shown)
def test_a_method_knows_neither_the_hub_nor_the_requests(path: Path) -> None:
    assert not set(imported(path)) & {"xai_core.hub", "xai_core.explain", "xai_core.jobs", "xai_core.worker"}


@pytest.mark.parametrize("path", [p for p in CORE if p.name != "hooks.py"], ids=shown)
def test_only_one_file_registers_hooks(path: Path) -> None:
    calls = {n.attr for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Attribute)}
    assert not {name for name in calls if name.startswith(REGISTERS)}


@pytest.mark.parametrize("path", [*CORE, *PAGES], ids=shown)
def test_files_stay_short_enough_to_read_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= (120 if path.parent == ROOT / "pages" else 250)


def test_the_dashboard_process_never_loads_torch() -> None:
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in PAGES if p.parent.name != "pages"]
    modules = [name for name in names if not name.endswith("router")]  # the router draws as it is imported
    code = f"import sys, app, {', '.join(modules)}\nfrom xai_core.method import methods\nmethods()\n"
    _python(code + "assert 'torch' not in sys.modules")


def test_the_core_works_where_streamlit_is_not_installed() -> None:
    names = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts) for p in CORE if p.name not in ("__init__.py", "worker.py")
    ]
    _python(f"import sys\nsys.modules['streamlit'] = None\nimport {', '.join(names)}")


def _python(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
