"""Every verb a person has, one file a noun. Faces call these and nothing below."""
