"""The scenarios, by area. A module registers its behaviours when it is imported."""
