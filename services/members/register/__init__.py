"""Keeping the register: what commands need to know of each other's streams, and the transactions they run in."""
