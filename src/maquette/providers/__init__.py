"""Ways to reach models; one file a provider. `wires` holds what those of one kind share."""
