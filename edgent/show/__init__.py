"""What people look at: tables for the terminal, figures, and explanations in words; one a file.

Only commands and benchmarks import this room. Nothing here measures or decides.
"""
