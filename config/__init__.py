"""How Winnow is set up and run: settings, embedded servers, web server, workers."""

__version__ = "0.1.0"
