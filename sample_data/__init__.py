"""A day of one WCS node, made up from a seed, and a few captures of the real client."""
