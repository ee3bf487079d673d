"""Pages of the account: signing in, profile, delegation, notices."""
