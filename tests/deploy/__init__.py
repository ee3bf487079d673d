"""The tools that start, check and prove an installation."""
