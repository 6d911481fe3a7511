"""The device side: one network answered half here, half on the edge.

>>> from device_runtime import DeviceRuntime, Plan
>>> with DeviceRuntime.open("pipelines/lenet.yaml") as runtime:                # doctest: +SKIP
...     answer = runtime.infer(image, latency_requirement_s=0.1)
...     print(answer.label, answer.plan, answer.latency_s)
"""

from device_runtime.answer import Answer
from device_runtime.runtime import DeviceRuntime
from device_runtime.timeline import Timeline
from edgent.planning.plan import Plan

__all__ = ["Answer", "DeviceRuntime", "Plan", "Timeline"]
