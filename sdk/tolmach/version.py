"""The version, in one place. It must not import anything."""

__version__ = "0.1.0"
