"""Start and stop a set of fakes and their one control listener, in one loop.

What it is for: `Fakes`, the lifecycle behind ``tolmach up``, the pytest plug-in and benchmarks.
What it must not do: know a platform; each fake brings its own application.
"""

from tolmach_mockservers.kernel import Kernel

__all__ = ["Kernel"]
