"""Clients of each role, as curation's tests have them."""

from tests.curation.api.conftest import _no_attempts_yet, admin, client_of, curator, user_of, viewer

__all__ = ["_no_attempts_yet", "admin", "client_of", "curator", "user_of", "viewer"]
