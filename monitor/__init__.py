"""Acts: fetches, reads, delivers, and talks to people."""
