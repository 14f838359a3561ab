"""Reports of stored test runs, the same byte for byte whenever they are made."""

from evaluation.core.reports import REPORTS, Extras
from evaluation.core.results import RunRecord
from evaluation.services.report_pictures import pictures_of
from evaluation.services.test_records import TestRunError


def rendered(
    record: RunRecord, kind: str, *, base_url: str = "", width: int = 100, color: bool = False
) -> str:  # fmt: skip
    """Render a run as a kind of report, with its pictures where the kind shows any. Raises TestRunError."""
    if kind not in REPORTS:
        raise TestRunError(f"There is no report {kind!r}. Valid ones: {', '.join(REPORTS)}.")
    report = REPORTS[kind]
    pictures = pictures_of(record) if report.has_pictures else {}
    try:
        return report.render(record, Extras(pictures=pictures, base_url=base_url, width=width, color=color))
    except ValueError as error:
        raise TestRunError(f"The report cannot be made: {error}") from error
