"""The learning rates that a study tries: half decades, so that different networks share some."""

GRID = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
