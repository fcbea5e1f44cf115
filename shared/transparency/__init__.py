"""Merkle trees and signed checkpoints, as transparency logs have them: nothing here knows of our events.

`tree` is RFC 9162 §2.1 (the hashes of RFC 6962); `note`, `checkpoint`, `proof` and `growth` are the text forms of
c2sp.org/signed-note, tlog-checkpoint, tlog-proof and tlog-witness. All of it is pure: no file, no database, no clock.
"""
