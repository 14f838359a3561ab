"""What there is and what is lacking, for the pages."""

from curation.core.errors import WinnowError
from curation.core.query import QueryError
from curation.models import DatasetVersion
from curation.services.footage_shares import FootageShares, footage_shares
from curation.services.in_force import current_spec
from curation.services.profiles import Profile, profile
from frontend.records import QueryFault

MAX_VERSIONS = 100


def coverage(query: str, *, against: str = "", pair: tuple[str, str] | None = None) -> Profile | QueryFault:
    """Profile a query's frames. Four queries at most, however many frames there are."""
    try:
        return profile(query, against=_version(against), pairs=[pair] if pair else ())
    except QueryError as error:
        return QueryFault(message=error.message, column=error.column, near=error.near)
    except WinnowError as error:
        return QueryFault(message=str(error))


def footage() -> FootageShares:
    """In how much of the footage there is what. Two queries."""
    return footage_shares()


def factors() -> list[str]:
    """Name the factors of the operating conditions in force."""
    return list(current_spec().factors)


def versions() -> list[str]:
    """Name the newest dataset versions, newest first. One query."""
    return [str(one) for one in DatasetVersion.objects.select_related("dataset").order_by("-id")[:MAX_VERSIONS]]


def _version(name: str) -> DatasetVersion | None:
    dataset, _, number = name.rpartition("@")
    if not dataset or not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    return DatasetVersion.objects.select_related("dataset").filter(dataset__name=dataset, number=int(number)).first()
