"""A provider that is not there is refused; onnxruntime by itself would take the CPU and say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import onnxruntime
import pytest

from device_runtime.opening import open_parts
from edgent.core.providers import check_available, check_names
from edgent.core.segment import Segment
from edgent.edge.manifest import read_store
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe
from edgent.errors import ProviderError
from edgent.network import Network
from edgent.planning.plan import Plan
from edgent.spec import read_spec

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_CUDA = (
    r"providers: onnxruntime here has no 'CUDA.*edgent\[gpu\].*available here: CPUExecutionProvider"
)


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """On any machine, the onnxruntime of most."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CudaExecutionProvider", "did you mean 'CUDAExecutionProvider'?"),
        ("CUDA", "did you mean 'CUDAExecutionProvider'?"),
        ("TensorRTExecutionProvider", "did you mean 'TensorrtExecutionProvider'?"),
        ("cpu", "did you mean 'CPUExecutionProvider'?"),
        ("gpu:0", "'gpu:0'; available here: CPUExecutionProvider"),
    ],
)
def test_the_nearest_name_is_said(name: str, hint: str) -> None:
    """With what is available here, wherever the name is looked at."""
    for check in (check_names, check_available):
        with pytest.raises(ProviderError, match="available here: CPUExecutionProvider") as caught:
            check(["CPUExecutionProvider", name], "providers")
        assert hint in str(caught.value)


def test_a_known_provider_that_is_not_here() -> None:
    """An archive may name it, for it runs elsewhere; here it is refused, with what brings it."""
    check_names(["CUDAExecutionProvider"], "edge.providers")
    with pytest.raises(ProviderError, match=WITHOUT_CUDA):
        check_available(["CUDAExecutionProvider", "CPUExecutionProvider"], "edge.providers")


def test_a_provider_that_does_not_start(tiny_network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Onnxruntime falls back to the CPU where a library or the device is missing: that is seen."""

    class FallsBack:
        def __init__(self, *_args: Any, providers: list[Any]) -> None:
            assert providers == [("CUDAExecutionProvider", {"device_id": 1})]

        def get_providers(self) -> list[str]:
            return ["CPUExecutionProvider"]

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "InferenceSession", FallsBack)
    with pytest.raises(ProviderError, match="'CUDAExecutionProvider' does not start here"):
        Segment(
            tiny_network.segments.head(1, 2),
            providers=["CUDAExecutionProvider"],
            provider_options={"CUDAExecutionProvider": {"device_id": 1}},
        )


def _spec(tiny_spec: Path, folder: Path, node: str, provider: str) -> Path:
    (folder / "network.onnx").write_bytes((tiny_spec.parent / "network.onnx").read_bytes())
    spec = folder / "tiny.yaml"
    spec.write_text(f"{tiny_spec.read_text()}{node}: {{providers: [{provider}]}}\n")
    return spec


@pytest.mark.parametrize("plan", ["exit2:p0", "exit2:p8"])
def test_a_device_does_not_open(tiny_spec: Path, tmp_path: Path, plan: str) -> None:
    """Whether its plan begins with layers of its own or not."""
    spec = _spec(tiny_spec, tmp_path, "device", "CUDAExecutionProvider")
    with pytest.raises(ProviderError, match=WITHOUT_CUDA):
        open_parts(spec, plan=Plan.parse(plan), cache=tmp_path)


def test_no_archive_with_a_name_that_nobody_knows(tiny_spec: Path, tmp_path: Path) -> None:
    """Said when archives are built, not when a worker dies."""
    network = Network.open(read_spec(_spec(tiny_spec, tmp_path, "edge", "CudaExecutionProvider")), tmp_path)
    with pytest.raises(ProviderError, match="CUDAExecutionProvider"):
        build_store(tmp_path / "store", plan_archives([network]))


def test_a_store_says_what_it_needs(tiny_spec: Path, tmp_path: Path) -> None:
    """An archive for a GPU can be built anywhere; no server starts where its workers would die."""
    network = Network.open(read_spec(_spec(tiny_spec, tmp_path, "edge", "CUDAExecutionProvider")), tmp_path)
    models = build_store(tmp_path / "store", plan_archives([network]))
    assert read_store(tmp_path / "store") == models
    assert {model.providers for model in models} == {("CUDAExecutionProvider",), ()}
    with pytest.raises(ProviderError, match=WITHOUT_CUDA):
        TorchServe(tmp_path / "store", models)
