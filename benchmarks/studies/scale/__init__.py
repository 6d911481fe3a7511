"""What edgent costs against the size of the network: a decision, opening, profiling, a new pipeline."""
