"""What a user asks `edgent new` for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edgent.errors import SpecError
from edgent.new_pipeline.request import Request

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "such_as"),
    [
        ("resnet18.a1_in1k", ", such as resnet18_a1_in1k"),
        ("my best net", ", such as my_best_net"),
        ("3d", ""),
        ("ü", ""),
    ],
)
def test_a_name_that_is_none_is_met_with_the_nearest(tmp_path: Path, name: str, such_as: str) -> None:
    """Where there is one."""
    request = Request(name, tmp_path, tmp_path / "net.onnx", None, None, (), 4, "auto", 0, 1.0)
    with pytest.raises(SpecError, match=f"is no name of a pipeline: .* 64 at most{such_as}$"):
        request.check_is_new()
