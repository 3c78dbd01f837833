"""Judge: what was held out, and how well it was found."""
