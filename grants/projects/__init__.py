"""Grant preparation, agreement and work plan."""
