"""Loads each archive of a store as TorchServe would and answers one request with it, in its own Python.

The first argument is a folder with ``store``, ``requests`` and ``answers``; further ones name packages that
an archive carries and that must come from nowhere else.
"""

from __future__ import annotations

import importlib
import json
import pickle
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# What an edge has.
import numpy as np  # noqa: F401
import onnxruntime  # noqa: F401
import PIL.Image  # noqa: F401
import yaml
from backports import zstd  # noqa: F401

ABSENT = {"torch", "onnx", "pydantic", "requests", "rich", "typer", "device_runtime", "handlers"}


class Absent:
    """Only what an archive brings and its four libraries; nothing else of ours or of the workbench."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Refuse what an edge may lack."""
        if name.partition(".")[0] in ABSENT:
            raise ImportError(f"{name} is not here")


def _refuse(*_: object, **__: object) -> None:
    raise AssertionError("something was pickled")


def _must_be_absent(packages: list[str]) -> None:
    for package in packages:
        try:
            importlib.import_module(package)
        except ImportError:
            continue
        raise SystemExit(f"{package} must not be importable here")


def _answer(archive: Path, work: Path, carried: list[str]) -> None:
    folder = work / "unpacked" / archive.stem
    zipfile.ZipFile(archive).extractall(folder)
    manifest = json.loads((folder / "MAR-INF/MANIFEST.json").read_text())
    name = manifest["model"]["modelName"]
    config = yaml.safe_load((folder / manifest["model"]["configFile"]).read_text())
    sys.path.insert(0, str(folder))
    module = importlib.import_module(Path(manifest["model"]["handler"]).stem)
    own = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__]
    assert len(own) == 1, own
    handler: Any = own[0]()
    statuses: list[int] = []
    context = SimpleNamespace(
        system_properties={"model_dir": str(folder)},
        model_yaml_config=config,
        manifest=manifest,
        set_response_status=lambda code, _phrase, _index: statuses.append(code),
        set_response_content_type=lambda _index, _kind: None,
    )
    handler.initialize(context)
    request = bytearray((work / "requests" / name).read_bytes())
    (answer,) = handler.handle([{"body": request}], context)
    assert not statuses, (name, statuses, answer)
    (work / "answers" / name).write_bytes(answer)
    names = ("edgent", module.__name__, *carried)
    ours = {name: loaded for name, loaded in sys.modules.items() if name.partition(".")[0] in names}
    for name, loaded in ours.items():
        assert loaded.__file__ is not None
        assert Path(loaded.__file__).is_relative_to(folder), (name, loaded.__file__)
        del sys.modules[name]
    sys.path.remove(str(folder))
    importlib.invalidate_caches()


if __name__ == "__main__":
    for function in ("load", "loads", "dump", "dumps", "Unpickler", "Pickler"):
        setattr(pickle, function, _refuse)
    sys.meta_path.insert(0, Absent())
    sys.path[:] = [entry for entry in sys.path if entry and not (Path(entry) / "edgent").is_dir()]
    _must_be_absent(["edgent", *sys.argv[2:]])
    for file in sorted((Path(sys.argv[1]) / "store").glob("*.mar")):
        _answer(file, Path(sys.argv[1]), sys.argv[2:])
