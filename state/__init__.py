"""Remembers: the one database file, and nothing else."""
