"""Windows of networks through a real TorchServe: equal answers, what they cost, and plans that use them."""
