"""What the demo body is made of: invented units, people, documents and their stories."""
