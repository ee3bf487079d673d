"""Pages of document control."""
