"""What the fixtures of the pytest plug-in hand out: fakes in a thread, people, rooms, processes."""
