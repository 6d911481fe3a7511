"""What exit rules save on a slow device and a slow link: the same photos with and without one."""
