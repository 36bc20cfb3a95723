"""The face for programs and browsers: the JSON face is in `api`."""
