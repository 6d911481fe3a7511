"""The house stands as designed: arrows point one way, and nothing is ever pickled."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("edgent", "device_runtime", "handlers")
SOURCES = sorted(file for part in PARTS for file in (ROOT / part).rglob("*.py"))
SAFE_LOADING = {"Loader=yaml.SafeLoader", "Loader=loader"}  # the latter: CSafeLoader where there is one
SAFE_LOADERS = {"yaml.SafeLoader", "yaml.CSafeLoader"}  # what a loader of ours builds on
WORKBENCH = {"torch", "sklearn", "scipy", "ruptures", "matplotlib", "safetensors"}
DOOR = "edgent/__init__.py"  # imports nothing until a name is asked for, and then also the device's side


def _imports(file: Path) -> set[str]:
    """Modules that a file names in any import, wherever it stands; ``from a import b`` counts as a.b too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            assert node.module is not None
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _module_name(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


IMPORTS = {file.relative_to(ROOT).as_posix(): _imports(file) for file in SOURCES}


def _uses(prefix: str, *wanted: str) -> dict[str, list[str]]:
    """Imports of the wanted modules, or of anything inside them, by the files under a prefix."""
    found = {
        file: [name for name in imported if any(f"{name}.".startswith(f"{part}.") for part in wanted)]
        for file, imported in IMPORTS.items()
        if file.startswith(prefix)
    }
    return {file: names for file, names in found.items() if names}


def test_the_sources_were_found() -> None:
    """Or nothing below would mean anything."""
    assert len(IMPORTS) > 50
    assert {file.split("/")[0] for file in IMPORTS} == set(PARTS)


def test_no_circle_of_imports() -> None:
    """No module needs itself, however far around: at import, inside a function, or for its types alone."""
    modules = {_module_name(file): file for file in SOURCES}
    needs = {name: _imports(file) & set(modules) - {name} for name, file in modules.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_edgent_knows_neither_device_nor_handlers() -> None:
    """device_runtime → edgent ← handlers, never back; only the door opens a device, when it is asked to."""
    users = set(_uses("edgent/", "device_runtime", "handlers", "benchmarks"))
    assert users == {DOOR}
    assert _uses(DOOR, "handlers", "benchmarks") == {}
    assert _uses("device_runtime/", "handlers", "benchmarks", "edgent.edge", "edgent.cli") == {}


def test_handlers_need_only_what_an_archive_carries() -> None:
    """Of ours edgent.core and edgent.errors, of others numpy."""
    ours = {
        name
        for imported in _uses("handlers/", "edgent").values()
        for name in imported
        if not f"{name}.".startswith(("edgent.core.", "edgent.errors."))
    }
    assert ours == set()
    others = {name.split(".")[0] for file, names in IMPORTS.items() if "handlers/" in file for name in names}
    assert others <= set(sys.stdlib_module_names) | {"numpy", "edgent"}


def test_the_core_is_small() -> None:
    """What every archive carries needs numpy, onnxruntime, the codecs' libraries and itself."""
    allowed = set(sys.stdlib_module_names) | {
        "numpy",
        "onnxruntime",
        "backports",
        "compression",
        "PIL",
        "edgent",
    }
    for file, names in IMPORTS.items():
        if file.startswith("edgent/core/"):
            assert {name.split(".")[0] for name in names} <= allowed, file
    assert _uses("edgent/core/", "edgent") == {
        file: names
        for file, names in _uses("edgent/core/", "edgent.core", "edgent.errors").items()
        if len(names) == len(_uses(file, "edgent")[file])
    }


def test_the_door_imports_nothing() -> None:
    """Importing edgent loads no module but os, which Python itself has loaded: archives carry it alone."""
    code = "import os, sys; before = {*sys.modules}; import edgent; print(*sorted({*sys.modules} - before))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.split() == ["edgent"]


def test_only_commands_train() -> None:
    """Nothing but the commands imports what trains, which alone imports torch; codecs load without."""
    trains = ("edgent/training/", "edgent/compression/")
    commands = ("edgent/cli/", "device_runtime/cli.py")
    users = {file for file in _uses("", "edgent.training") if not file.startswith((*trains, *commands))}
    assert users == set()
    assert {file for file in _uses("", "torch") if not file.startswith(trains)} == set()
    code = "import sys, edgent.graph.feature_codec, edgent.compression.codec_place; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert (WORKBENCH | {"onnx"}) & set(loaded.stdout.split()) == set()


_BUILT_ON_GRAPHS = ("spec", "latency", "bandwidth", "planning", "edge", "training", "cli", "network")
INNER = {
    "edgent/core/": ("graph", *_BUILT_ON_GRAPHS),
    "edgent/datasets/": ("graph", *_BUILT_ON_GRAPHS),
    "edgent/exits/": ("bandwidth", "planning", "edge", "training", "cli", "show", "new_pipeline"),
    "edgent/new_pipeline/": ("bandwidth", "planning", "edge", "training", "cli", "show"),
    "edgent/graph/": ("exits", *_BUILT_ON_GRAPHS),
    "edgent/spec/": ("graph", "latency", "planning.paper", "edge", "training", "cli", "network"),
    "edgent/bandwidth/": ("graph", "spec", "latency", "planning", "edge", "training", "cli", "network"),
    "edgent/planning/": ("spec", "latency", "edge", "training", "cli", "network", "replay", "show"),
    "edgent/latency/": ("bandwidth", "edge", "training", "cli"),
    "edgent/edge/": ("bandwidth", "training", "cli"),
    "edgent/training/": ("latency", "bandwidth", "planning", "edge", "cli"),
}


def test_only_commands_show() -> None:
    """Nothing but the commands and the benchmarks imports edgent.show, which knows no command."""
    users = {file for file in _uses("", "edgent.show") if not file.startswith("edgent/show/")}
    assert {file for file in users if not file.startswith("edgent/cli/")} == set()
    assert _uses("edgent/show/", "edgent.cli", "edgent.edge", "edgent.training") == {}
    drawing = {file for file in _uses("edgent/", "matplotlib", "rich.table") if "/cli/" not in file}
    shared = "edgent/fitted_table.py"  # a device prints tables, too
    assert {file for file in drawing if not file.startswith("edgent/show/")} == {shared}


@pytest.mark.parametrize("room", INNER)
def test_inner_arrows_point_one_way(room: str) -> None:
    """What is nearer to plain values knows nothing of what is built on it."""
    assert _uses(room, *(f"edgent.{other}" for other in INNER[room])) == {}


def test_the_device_needs_no_workbench() -> None:
    """No import of a training or plotting library anywhere on the device's side."""
    assert _uses("device_runtime/", *WORKBENCH) == {}


def test_nothing_is_pickled() -> None:
    """Neither by name nor by a library's back door, in any file of ours."""
    modules = ("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal")
    # Between the processes of one program joblib may: nothing of that reaches a file, nor a network unless
    # somebody names a cluster of their own.
    assert set(_uses("", *modules)) == {"edgent/replay/parallel.py", "edgent/capacity/sweep.py"}
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Loader"):
                assert {ast.unparse(base) for base in node.bases} <= SAFE_LOADERS, f"{file}:{node.lineno}"
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            where = f"{file}:{node.lineno}: {called}"
            assert called not in {
                "torch.load",
                "torch.save",
                "np.save",
                "eval",
                "exec",
                "yaml.unsafe_load",
            }, where
            if called == "yaml.load" and "yaml" in _imports(file):  # PyYAML; ruamel's builds plain values
                assert ast.unparse(node.keywords[0]) in SAFE_LOADING, where
            assert called != "np.load" or "allow_pickle=False" in ast.unparse(node), where
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert given.get("allow_pickle", "False") == "False", where


def test_a_device_starts_light(tmp_path: Path) -> None:
    """With a warm cache a device answers without torch, onnx, requests or anything of the workbench."""
    code = """
import sys
import numpy as np
from pathlib import Path
from device_runtime.runtime import DeviceRuntime
from edgent.planning.plan import Plan
spec, cache = sys.argv[1:]
with DeviceRuntime.open(spec, plan=Plan("exit1", 0), cache=Path(cache)) as runtime:
    runtime.infer(np.zeros((1, 28, 28), np.uint8))
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    spec = ROOT / "pipelines" / "lenet.yaml"
    command = [sys.executable, "-c", code, str(spec), str(tmp_path)]
    for _ in range(2):  # the first one fills the cache
        loaded = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    heavy = {*WORKBENCH, "onnx", "requests", "ruamel", "pandas", "google", "pytest"}
    assert heavy & set(loaded.split()) == set()
    assert "onnxruntime" in loaded.split()


@pytest.mark.parametrize("module", ["device_runtime.cli", "edgent.cli"])
def test_help_is_quick_to_load(module: str) -> None:
    """The commands load neither torch nor onnx before they are asked to do something."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert (WORKBENCH | {"onnx"}) & set(done.stdout.split()) == set()


def test_what_is_exported_exists() -> None:
    """Every ``__all__`` is sorted and names what is there."""
    for file in SOURCES:
        if "__all__" in file.read_text(encoding="utf-8"):
            module = importlib.import_module(_module_name(file))
            assert list(module.__all__) == sorted(module.__all__), file
            assert all(hasattr(module, name) for name in module.__all__), file
