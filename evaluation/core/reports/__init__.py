"""The forms in which a test run is reported. A new one is a file here and a line in `REPORTS`."""
