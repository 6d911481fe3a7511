"""Measures what is left to measure: the devices one after the other, each on its links, then the limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.studies.study import Study
from benchmarks.studies.workload.answered import Measured
from benchmarks.studies.workload.asking import Asking
from benchmarks.studies.workload.conditions import SLOWDOWNS, Condition, are_ablated
from benchmarks.studies.workload.devices import Device, calibrate, make_device
from benchmarks.studies.workload.digests import digests
from benchmarks.studies.workload.limit import LIMIT_FILE, Limits, measure_limits
from benchmarks.studies.workload.measure import Bench, Effort
from benchmarks.studies.workload.methods import OURS
from benchmarks.studies.workload.small_network import accuracy_of, make_small_network
from benchmarks.studies.workload.starting import draw_photos, keep_inputs, see_profiles, start_device
from benchmarks.studies.workload.stock import build_stock
from benchmarks.testbed.progress import Tell
from benchmarks.testbed.rig import Rig, Slowness
from benchmarks.testbed.testbed import usual_kind
from edgent.cli.phase_progress import phase_progress
from edgent.spec import Pipeline


class Running:
    """A run of the study.

    Attributes:
        first_photos: By the links of all devices, measured or not: the number of the first photo there.
    """

    def __init__(
        self, study: Study, pipeline: Pipeline, ours: Path, effort: Effort, all_: Sequence[Condition]
    ) -> None:
        """Begin; nothing is measured yet.

        Args:
            study: Where results are kept.
            pipeline: The flowers'.
            ours: The spec that `write_ours` wrote.
            effort: How much is asked.
            all_: The links of all devices, measured or not.
        """
        self._study, self._pipeline, self._ours, self._effort = study, pipeline, ours, effort
        self.first_photos: Mapping[Condition, int] = {
            each: effort.photos * number for number, each in enumerate(all_)
        }

    def measure(self, left: Sequence[Condition], *, limits: bool) -> Mapping[str, str]:
        """Measure these links, and keep each as it is done; then the limit, where it is asked for.

        Returns:
            With what they were measured, as `benchmarks.studies.workload.digests` has it.
        """
        photos, inputs = draw_photos(self._pipeline, self._effort.photos * len(self.first_photos))
        with phase_progress(self._study.console) as progress:
            small = make_small_network(self._pipeline, self._ours.parent, progress)
            if self._effort.is_thorough:
                calibrate(self._ours, progress)
        keep_inputs(photos, small)
        slowness = Slowness(dilation=SLOWDOWNS[0])
        rig = Rig(self._ours, inputs, slowness, self._study.console, usual_kind())
        with rig, self._study.bar("workload") as tell:
            rig.check()
            profiled = see_profiles(rig, self._pipeline, self._ours, thorough=self._effort.is_thorough)
            made_with = digests(self._effort, self._pipeline, self._ours)
            rig.serve((), others=[partial(build_stock, pipeline=self._pipeline)])
            for slowdown in dict.fromkeys(one.slowdown for one in left):
                device = make_device(self._ours, slowdown, profiled)
                start_device(rig, slowdown, small, photos)
                rig.ask(do="take_given", spec=str(device.specs[OURS]))
                bench = Bench(Asking(rig, photos, accuracy_of(small)), device, self._effort)
                on_links = [one for one in left if one.slowdown == slowdown]
                for measured in self._on_links(bench, device, on_links, tell):
                    file = self._study.folder / measured.condition.file_name
                    replace(measured, digests=made_with).write(file)
            if not left:
                start_device(rig, SLOWDOWNS[0], small, photos)
            if limits:
                rig.slowness = Slowness(dilation=profiled)
                rows = measure_limits(rig, self._effort, tell)
                Limits(rows, made_with).write(self._study.folder / LIMIT_FILE)
        return made_with

    def _on_links(
        self, bench: Bench, device: Device, links: Sequence[Condition], tell: Tell
    ) -> Iterator[Measured]:
        for number, condition in enumerate(links):
            tell(str(condition), number / len(links))
            thorough = self._effort.is_thorough and are_ablated(condition)
            runtimes = list(device.specs) if thorough else [OURS]
            yield bench.measure(condition, runtimes, self.first_photos[condition])
