"""One ONNX segment as a session: contiguous layers with one input and one output."""

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnxruntime

from edgent.core.failed_batches import FailedBatches
from edgent.core.providers import CPU, ProviderOptions, open_session
from edgent.errors import InputError, ModelError, ProviderError, StoppedError

_LOG = logging.getLogger(__name__)
_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(uint8)": np.uint8,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(double)": np.float64,
    "tensor(int8)": np.int8,
    "tensor(bool)": np.bool_,
    "tensor(uint16)": np.uint16,
    "tensor(int16)": np.int16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
}


@cache
def _share_arena() -> None:
    """Give onnxruntime an arena of the process, from which sessions may take memory for tensors."""
    kind = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(kind, None)


class Stop:
    """Ends the run that it was given to, called from another thread."""

    def __init__(self) -> None:
        self.options = onnxruntime.RunOptions()

    def __call__(self) -> None:
        """End the run; at the next node, so within microseconds for small layers."""
        self.options.terminate = True


class Segment:
    """Runs contiguous layers, one thread by default and never spinning: neighbours keep their cores.

    Attributes:
        input_shape: shape without the batch, e.g. (3, 32, 32).
        input_dtype: element type of the input.
    """

    def __init__(
        self,
        model: bytes | Path,
        *,
        providers: Sequence[str] = (CPU,),
        provider_options: ProviderOptions = MappingProxyType({}),
        threads: int = 1,
        keeps_memory: bool = True,
        shares_memory: bool = False,
    ) -> None:
        """Load a segment.

        Args:
            model: the bytes of an ONNX file, or a file that may refer to weights beside it. onnxruntime maps
                such weights into memory, so that segments of one network share what they use as it is.
            providers: onnxruntime's execution providers.
            provider_options: what they are told, by their names.
            threads: of one run.
            keeps_memory: whether the memory of a run is kept for the next one, which is quicker.
            shares_memory: whether such segments of one process keep that memory together.

        Raises:
            ModelError: onnxruntime cannot load the model, or it has more than one input or output.
            ProviderError: a provider is not there, or does not start.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = options.enable_mem_pattern = keeps_memory
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if shares_memory:
            _share_arena()
            options.add_session_config_entry("session.use_env_allocators", "1")
        try:
            self._session = open_session(model, options, providers, provider_options)
        except ProviderError:
            raise
        except Exception as error:  # noqa: BLE001  onnxruntime's errors share no base but Exception
            place = "" if isinstance(model, bytes) else f" {model}; delete the file to have it cut again"
            raise ModelError(f"onnxruntime cannot load the segment{place}: {error}") from None
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ModelError(
                f"a segment has one input and one output, this model has {len(inputs)} and {len(outputs)}"
            )
        self.input_shape: tuple[int, ...] = tuple(inputs[0].shape[1:])
        self.input_dtype = np.dtype(_DTYPES[inputs[0].type])
        self._input, self._output = inputs[0].name, outputs[0].name
        self._takes_batches = inputs[0].shape[0] != 1
        self._failed_batches = FailedBatches()

    def run(self, tensor: np.ndarray, stop: "Stop | None" = None) -> np.ndarray:
        """The output for a batch; sample by sample where the network holds at batch 1 only, or a batch fails.

        Args:
            tensor: shape (batch, *input_shape), element type input_dtype.
            stop: ends the run from another thread.

        Raises:
            InputError: another shape or element type.
            StoppedError: the run was ended.
        """
        if tensor.shape[1:] != self.input_shape or tensor.ndim != len(self.input_shape) + 1:
            raise InputError(f"the segment takes a batch of shape {self.input_shape}, not {tensor.shape}")
        if tensor.dtype != self.input_dtype:
            raise InputError(f"the segment takes {self.input_dtype}, not {tensor.dtype}")
        if len(tensor) < 2:
            return self._run(tensor, stop)
        output = None
        if self._takes_batches and self._failed_batches.may_run(len(tensor)):
            output = self._run_batch(tensor, stop)
        if output is not None:
            return output
        return np.concatenate([self._run(sample[np.newaxis], stop) for sample in tensor])

    def _run_batch(self, tensor: np.ndarray, stop: "Stop | None") -> np.ndarray | None:
        """The output for a batch; None where it fails, which the log tells."""
        inputs = len(tensor)
        try:
            output = self._run(tensor, stop)
            if output.shape[:1] != (inputs,):
                raise ModelError(f"its output is of shape {output.shape}")
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001  onnxruntime's errors share no base but Exception
            pause = self._failed_batches.failed(inputs)
            _LOG.warning(
                "a batch of %d fails, so the next %d batches of %d inputs or more run one by one: %s",
                *(inputs, pause, inputs, error),
            )
            return None
        if self._failed_batches.worked(inputs):
            _LOG.warning("a batch of %d runs again", inputs)
        return output

    def _run(self, tensor: np.ndarray, stop: "Stop | None") -> np.ndarray:
        options = None if stop is None else stop.options
        try:
            output: np.ndarray = self._session.run([self._output], {self._input: tensor}, options)[0]
        except Exception:
            if stop is not None and stop.options.terminate:
                raise StoppedError("the run was ended before it was done") from None
            raise
        return output

    def warm_up(self, runs: int = 3) -> None:
        """Run zeros, so that the first request finds memory allocated and code paths taken."""
        zeros = np.zeros((1, *self.input_shape), self.input_dtype)
        for _ in range(runs):
            self.run(zeros)
