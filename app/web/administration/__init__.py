"""Pages of administration: organisation, settings, trail."""
