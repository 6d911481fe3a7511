"""The flowers on the testbed: edgent beside what a practitioner would do today."""
