"""The device side: one network answered half here, half on the edge."""
