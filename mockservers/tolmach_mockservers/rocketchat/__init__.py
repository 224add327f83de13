"""A stateful Rocket.Chat 8.2 server: REST and realtime API over one world."""
