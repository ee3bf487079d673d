"""What happens when several people act at once, or when something breaks."""
