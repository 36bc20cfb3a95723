"""Search, as it runs inside the box."""
