"""The studies: what edgent is measured by, each on the testbed, over one `study.py`."""
