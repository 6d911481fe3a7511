"""The edge side: archives of heads, TorchServe's configuration, and the server itself."""
