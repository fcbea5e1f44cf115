"""What the four services have in common: the published language, the event log, the streams, the frame."""
