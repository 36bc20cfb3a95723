"""What a tool, a provider, a sandbox … is."""
