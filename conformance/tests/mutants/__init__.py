"""Seeded defects of the bundled channel, and what shows that the suite notices every one of them."""
