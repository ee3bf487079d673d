"""Screen forms: what is asked, never a rule."""
