"""How people get in: login names and passwords, throttling, sessions and the keys that sign them.

None of this is a fact of the log: it lies in tables of its own, and says nothing about what anybody did.
"""
