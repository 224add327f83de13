"""One control API for all fakes: world, journal, faults, clock, seed, scripts."""
