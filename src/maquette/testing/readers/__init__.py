"""Readers who aren't there: each with a taste that nothing of the ranker can see, replying as people do."""
