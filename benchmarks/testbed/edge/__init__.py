"""The edge: a real TorchServe, served, killed, frozen and filled up."""
