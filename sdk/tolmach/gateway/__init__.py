"""The gateway: configuration, accounts and their life, status, pairing store, control socket.

What it is for: running accounts from a configuration file. What it must not do: decide about
messages (that is the channel layer's work) or speak a platform's protocol.
"""
