"""Skills: folders that say how a thing is done, opened when they apply."""
