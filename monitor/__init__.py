"""Acts: fetches, reads, delivers, and talks to people."""

VERSION = "0.1.0"
