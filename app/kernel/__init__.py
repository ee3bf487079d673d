"""What every part stands on: database, people, permissions, unit of work, trail."""
