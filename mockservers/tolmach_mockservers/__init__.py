"""Stateful fakes of chat platforms and of an OpenAI-compatible agent, for tests and by hand.

``tolmach up`` runs them; the pytest plug-in gives them to tests as fixtures. They share one
control API, journal, clock and seed. They never import the SDK.
"""
