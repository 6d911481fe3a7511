"""What a recording and a live page take of the latency of requests, on devices that answer alone."""

from collections.abc import Sequence

import numpy as np

from benchmarks.studies.study import LABORATORY, Docs, Out, Quick, Report, Study, Table, run
from benchmarks.studies.watching.measure import WAYS, Block, belief_s, measure

_CASES = (("lenet", "exit2:p0"), ("alexnet", "exit5:p0"), ("flowers", "exit6:p0"))
_TITLE = "What watching takes of a request"


def main(quick: Quick = False, out: Out = None, docs: Docs = False) -> None:
    """Answer inputs while nobody watches, while a file is written, and while somebody looks at a page."""
    study = Study("watching", out)
    blocks: list[Block] = []
    with study.bar(_TITLE) as tell:
        for pipeline, plan in _CASES:
            blocks += measure(pipeline, plan, 3 if quick else 20, 100, tell)
    told = f"What is believed of an edge on a link that moves is told in {belief_s(200) * 1e6:.0f} µs"
    report = Report(
        facts=(f"{told}, at most ten times a second.",),
        tables=(_table(blocks),),
        records={"blocks": blocks},
    )
    circumstances = "Medians of blocks of 100 requests, back to back; the ways of watching take turns."
    study.write(report, circumstances, LABORATORY / "watching.md" if docs else None)
    study.show(report)


def _table(blocks: Sequence[Block]) -> Table:
    """A row for each pipeline and way: latency, and what it is more than with nobody watching."""
    rows = []
    for pipeline, plan in _CASES:
        latency_s = {way: _of(blocks, pipeline, way, "latency_s") for way in WAYS}
        apart_s = {way: _of(blocks, pipeline, way, "apart_s") for way in WAYS}
        for way in WAYS:
            more = np.median(latency_s[way] / latency_s[WAYS[0]]) - 1
            rows.append(
                (
                    f"{pipeline} {plan}",
                    way,
                    f"{np.median(latency_s[way]) * 1e3:.3f}",
                    f"{100 * more:+.2f} %",
                    f"{np.median(apart_s[way]) * 1e3:.3f}",
                )
            )
    heads = ("pipeline, plan", "watched by", "latency ms", "more", "from input to input ms")
    return Table(_TITLE, heads, rows)


def _of(blocks: Sequence[Block], pipeline: str, way: str, figure: str) -> np.ndarray:
    """A figure of all blocks of a way, in their order. Shape (rounds,)."""
    return np.array(
        [getattr(block, figure) for block in blocks if (block.pipeline, block.way) == (pipeline, way)]
    )


if __name__ == "__main__":
    run(main)
