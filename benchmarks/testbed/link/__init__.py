"""The link: a serial line between namespaces or a relay, both in user space, and what its rate follows."""
