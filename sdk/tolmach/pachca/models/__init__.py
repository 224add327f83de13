"""The documents of Pachca as typed models, one module for each resource.

What it is for: reading what the API says, and checking what is sent to it. Import the module of a
resource (``tolmach.pachca.models.message``): each is built on first use. What it must not do: import
them all, or be used by the fakes, which build their documents on their own.
"""
