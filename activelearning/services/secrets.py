"""Secrets of other services, sealed under this service's own secret key."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from curation.core.errors import WinnowError

PURPOSE = b"winnow: tokens of other services"


class Sealed(WinnowError):
    """A secret cannot be read: it was sealed under another secret key."""


def seal(secret: str) -> str:
    """Encrypt a secret, so that it may be stored."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str, *, whose: str) -> str:
    """Decrypt a secret. Raises Sealed, whose message names `whose` it is."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Sealed(
            f"The token of {whose} cannot be read: WINNOW_SECRET_KEY was changed since it was entered. Enter it again."
        ) from error


def _fernet() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
