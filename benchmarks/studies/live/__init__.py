"""The runtime on a link that moves, through a real TorchServe: live against its replay, and recovery."""
