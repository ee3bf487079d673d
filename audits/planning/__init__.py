"""The year's audit programme as a pure function: who is audited when, by whom (A1, A5, A6)."""
