"""The solver: arrays in, an assignment with its proof out. Knows no database."""
