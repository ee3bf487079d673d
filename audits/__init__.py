"""Internal audit and corrective action (ISO 9001:2015, 9.2 and 10.2): its records come later."""
