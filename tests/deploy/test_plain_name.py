"""Names as others take them."""

from __future__ import annotations

import re

import pytest

from edgent.deploy.plain_name import plain_name


def test_a_name_that_fits_stays() -> None:
    """Nothing is added to it."""
    assert plain_name("edgent-", "lenet-5", 20) == "edgent-lenet-5"


@pytest.mark.parametrize("pipeline", ["My_Net", "my_net", "a-", "a__b", "Z", "n" * 64, "a" + "-" * 40 + "b"])
def test_others_are_made_to_fit(pipeline: str) -> None:
    """In letters that all take, as image names, too, and not longer than they may be."""
    name = plain_name("edgent-", pipeline, 40)
    assert re.fullmatch(r"edgent-[a-z0-9]+(-+[a-z0-9]+)*", name)
    assert len(name) <= 40


def test_no_two_are_the_same() -> None:
    """Pipelines that differ in what is lost get other digits."""
    pipelines = ["my-net", "my_net", "My-Net", "my-net-", "x" * 63, "x" * 64]
    assert len({plain_name("edgent-", pipeline, 40) for pipeline in pipelines}) == len(pipelines)
