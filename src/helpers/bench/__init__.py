"""The benchmark: how fast the lab is, against what, and what stops it from being faster."""
