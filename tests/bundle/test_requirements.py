"""What a device has to install: all that edgent's core imports, and none of the tools around onnxruntime."""

from __future__ import annotations

from importlib import metadata

import pytest
from packaging.requirements import Requirement

from edgent.bundle.requirements import device_requirements


def test_what_is_required_and_what_is_not() -> None:
    """Versions are those of here; a requirement of some Pythons stays one."""
    lines = device_requirements()
    names = [Requirement(line).name for line in lines]
    assert {"numpy", "onnxruntime", "pydantic", "pydantic-core", "urllib3", "hpack"} <= set(names)
    assert not {"onnx", "protobuf", "flatbuffers", "packaging", "sympy", "torch"} & set(names)
    assert f"numpy=={metadata.version('numpy')}" in lines
    assert lines == sorted(lines, key=str.lower)
    assert len(names) == len(set(names))
    zstd = next(line for line in lines if line.startswith("backports"))
    assert 'python_version < "3.14"' in zstd


@pytest.mark.parametrize(
    ("extra", "brought"),
    [
        ("stream", {"av"}),
        ("traces", {"opentelemetry-api", "opentelemetry-sdk"}),
        ("live", {"bokeh", "tornado"}),
    ],
)
def test_what_extras_bring(extra: str, brought: set[str]) -> None:
    """With what that requires in turn, and without a condition that no installer would fulfil."""
    added = set(device_requirements(extras=[extra])) - set(device_requirements())
    assert brought <= {Requirement(line).name.lower() for line in added}
    assert not [line for line in added if "extra" in line]


def test_packages_of_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed here is named as it is required, and a condition gives way to none."""
    required = {
        "edgent": ["a>=1; python_version < '3.11'", "b", "c[fast]>=2; extra == 'edge'"],
        "b": ["a>=1", "gone>=3; sys_platform == 'win32'"],
        "a": [],
    }

    def requires(name: str) -> list[str]:
        if name not in required:
            raise metadata.PackageNotFoundError(name)
        return required[name]

    def version(name: str) -> str:
        return str(len(requires(name)))

    monkeypatch.setattr(metadata, "requires", requires)
    monkeypatch.setattr(metadata, "version", version)
    assert device_requirements() == ["a==0", "b==2", 'gone>=3; sys_platform == "win32"']
