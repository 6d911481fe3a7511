"""The commands that write the edges that devices need: understood, and there where there are edges."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest
import typer

from edgent.capacity.need import Need
from edgent.capacity.shortfall import Shortfall
from edgent.cli import application
from edgent.show.deploy_sentences import deploy_sentences
from tests.capacity.made_figures import IDLE

FOUND = replace(IDLE, edges=3, workers=4)
NEED = Need(
    name="flowers", devices=1_000, rate_hz=1.0, latency_requirement_s=0.2, late_share=0.01, loss=0.02,
    measure="accuracy", idle=IDLE, busy_workers=5.3, found=FOUND, is_given=False, shortfalls=(),
    tried=(FOUND,),
)  # fmt: skip


def test_each_command_is_understood() -> None:
    """As a shell takes it, whatever the spec is called."""
    deploy: Any = typer.main.get_command(application)
    deploy = deploy.commands["deploy"]
    told = deploy_sentences(NEED, "my pipelines/flowers.yaml")
    targets = []
    for sentence in told:
        words = shlex.split(sentence.split("`")[1])
        given = deploy.make_context("deploy", words[2:]).params
        assert words[:2] == ["edgent", "deploy"]
        assert (str(given["spec"]), given["workers"]) == ("my pipelines/flowers.yaml", 4)
        targets.append((given["target"], given["edges"]))
    assert targets == [("compose", 3), ("kubernetes", None)]


@pytest.mark.parametrize(
    ("edges", "sentences", "is_limited"), [(1, 2, False), (20, 2, False), (21, 2, True), (65, 1, True)]
)
def test_many_edges(edges: int, sentences: int, is_limited: bool) -> None:
    """More than one machine has, and more than pods are added by themselves."""
    told = deploy_sentences(replace(NEED, found=replace(FOUND, edges=edges)), "flowers")
    assert len(told) == sentences
    assert ("20 at most" in told[-1]) is is_limited


@pytest.mark.parametrize(("workers", "is_a_command"), [(1_000, True), (1_001, False), (100_000, False)])
def test_many_workers(workers: int, is_a_command: bool) -> None:
    """No command is told that would be refused; what to ask for is said in its place."""
    told = deploy_sentences(replace(NEED, found=replace(FOUND, workers=workers)), "flowers")
    assert any(f"--workers {workers}`" in sentence for sentence in told) is is_a_command
    assert ("1,000 workers at most: ask for more edges" in told[0]) is not is_a_command


@pytest.mark.parametrize(
    "one",
    [
        replace(NEED, shortfalls=(Shortfall.LATE,)),
        replace(NEED, found=replace(FOUND, edges=0, workers=0)),
        replace(NEED, found=IDLE),
    ],
    ids=["not enough", "no edge", "nobody waits"],
)
def test_nothing_to_deploy(one: Need) -> None:
    """No command, then."""
    assert deploy_sentences(one, "flowers") == []
