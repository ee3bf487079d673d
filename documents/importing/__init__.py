"""A body's list and files from before, understood, looked at and brought in (a52, a53, L11)."""
