"""The pages where people act on flags; a file per noun."""
