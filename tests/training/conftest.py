"""Where torch is not installed, as in the environments of the other Pythons, what trains is not collected."""

from importlib.util import find_spec

_TRAINS = ("augmentation", "export", "joint_training", "layers", "offline", "progress")
collect_ignore = [] if find_spec("torch") else [f"test_{name}.py" for name in _TRAINS]
