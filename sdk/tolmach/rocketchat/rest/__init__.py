"""The REST operations, one small module per family.

What it is for: typed calls; each takes and returns plain values and models. What it must not do: make
an HTTP call on its own; ``transport.http`` makes them all.
"""

from tolmach.rocketchat.rest.auth import Auth
from tolmach.rocketchat.rest.chat import Chat
from tolmach.rocketchat.rest.families import Channels, Direct, Groups
from tolmach.rocketchat.rest.rooms import Rooms, Subscriptions
from tolmach.rocketchat.rest.server import Server
from tolmach.rocketchat.rest.users import Users

__all__ = ["Auth", "Channels", "Chat", "Direct", "Groups", "Rooms", "Server", "Subscriptions", "Users"]
