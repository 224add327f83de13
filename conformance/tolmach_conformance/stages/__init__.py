"""Platform drivers: each fulfils the Stage for one platform."""
