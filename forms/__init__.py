"""What people fill in, on screen and on paper."""
