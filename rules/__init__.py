"""Decides: what matches, what is the same item or story, when to poll and when to try again."""
