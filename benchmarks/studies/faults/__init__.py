"""What can go wrong between a device and its edge, done to real connections and a real TorchServe."""
