"""Pages for people: what they show runs, and where they link to is there."""
