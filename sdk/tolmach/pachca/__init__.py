"""The typed client of Pachca."""
