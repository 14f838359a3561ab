"""The account behind a token."""

from dataclasses import dataclass

from activelearning.backends.labelstudio.errors import LabelStudioError
from activelearning.backends.labelstudio.server import Server


@dataclass(frozen=True)
class Account:
    """Who the server takes us for. `can_create_projects` is None where it does not tell rights."""

    number: int
    email: str
    can_create_projects: bool | None


def read_account(server: Server) -> Account:
    """Ask who we are. Raises LabelStudioError: the token is refused, of the wrong kind, expired, …"""
    try:
        with server.calls() as sdk:
            told = sdk.users.whoami()
    except LabelStudioError as error:
        if error.code == "not_found" and server.token_kind == "personal":
            raise LabelStudioError(
                "wrong_token_kind", f"{server.url} knows no personal access tokens: enter the account's access token."
            ) from error
        if error.code == "refused" and server.token_kind == "personal" and "Authentication credentials" in str(error):
            raise LabelStudioError(
                "wrong_token_kind",
                f"{server.url} does not accept personal access tokens. Let an owner allow them (Organization, API "
                "Tokens Settings), or enter a legacy token.",
            ) from error
        raise
    if not isinstance(told.id, int) or not told.email:
        raise LabelStudioError("not_label_studio", f"{server.url} does not say who we are. Is the address right?")
    rights = getattr(told, "permissions", None)
    may = "projects.create" in rights if isinstance(rights, list) else None
    return Account(told.id, str(told.email)[:150], may)
