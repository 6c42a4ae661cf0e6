"""The dashboard of notebook 11: its definition, and the picture of what a definition shows."""
