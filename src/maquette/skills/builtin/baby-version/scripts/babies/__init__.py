"""What the baby version keeps, and how it is cut."""
