"""onnxruntime's execution providers: refused where onnxruntime would quietly take the CPU instead."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import onnxruntime

from edgent.errors import ProviderError

CPU = "CPUExecutionProvider"
ProviderOptions = Mapping[str, Mapping[str, object]]
"""What a provider is told, such as ``{"CUDAExecutionProvider": {"device_id": 1}}``."""

_ENDING = "ExecutionProvider"
_GPU = ("CUDAExecutionProvider", "TensorrtExecutionProvider")


def check_names(names: Iterable[str], place: str) -> None:
    """Check that onnxruntime knows providers by these names, here or on another machine.

    Args:
        names: of providers.
        place: what names them, such as ``edge.providers``.

    Raises:
        ProviderError: no build of onnxruntime has one of them.
    """
    known = {name.removesuffix(_ENDING).lower(): name for name in onnxruntime.get_all_providers()}
    for name in names:
        if name in known.values():
            continue
        nearest = difflib.get_close_matches(name.removesuffix(_ENDING).lower(), known, n=1)
        hint = f"did you mean {known[nearest[0]]!r}? " if nearest else ""
        raise ProviderError(f"{place}: onnxruntime knows no provider {name!r}; {hint}{_available()}")


def check_available(names: Iterable[str], place: str) -> None:
    """Check that the onnxruntime of this machine has these providers.

    Args:
        names: of providers.
        place: what names them, such as ``device.providers``.

    Raises:
        ProviderError: it does not have one of them; onnxruntime itself would say nothing and take another.
    """
    names = list(names)
    check_names(names, place)
    for name in names:
        if name not in onnxruntime.get_available_providers():
            install = "; `pip install 'edgent[gpu]'` brings it" if name in _GPU else ""
            raise ProviderError(f"{place}: onnxruntime here has no {name!r}{install}; {_available()}")


def open_session(
    model: bytes | Path,
    options: onnxruntime.SessionOptions,
    providers: Iterable[str],
    provider_options: ProviderOptions,
) -> onnxruntime.InferenceSession:
    """A session that runs on the providers it is given and on no others.

    Raises:
        ProviderError: a provider is not there, or does not start.
    """
    names = list(providers)
    check_available(names, "providers")
    chosen = [(name, dict(provider_options.get(name, {}))) for name in names]
    session = onnxruntime.InferenceSession(model, options, providers=chosen)
    started = session.get_providers()
    for name in names:
        if name not in started:
            raise ProviderError(
                f"{name!r} does not start here, so that onnxruntime would take {', '.join(started)}: "
                "onnxruntime says above what is missing; install that, or leave the provider out of the spec"
            )
    return session


def _available() -> str:
    return f"available here: {', '.join(onnxruntime.get_available_providers())}"
