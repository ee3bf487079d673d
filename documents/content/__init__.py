"""Files in, text out: the only place that opens what people upload (ISO 9001:2015, 7.5.3)."""
