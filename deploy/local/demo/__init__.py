"""The demonstration: a commune and a bloc of the source documents, two years of meetings, made-up people."""

from deploy.local.demo.load import load
from deploy.local.demo.logins import LOGINS

__all__ = ["LOGINS", "load"]
