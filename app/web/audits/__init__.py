"""Pages of internal audit; they come with their issue."""
