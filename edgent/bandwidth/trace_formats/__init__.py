"""The formats in which public bandwidth traces come: one format a file, text in, samples out."""
