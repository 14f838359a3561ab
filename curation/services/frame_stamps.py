"""The stamps by which tables in memory know what changed: mended where a backup brought those of another server."""

from django.db import connection, transaction

from curation.services import frame_file
from curation.services.frame_rows import this_moment

# The trigger stamps what is written with the transaction that writes.
RESTAMP = (
    "UPDATE curation_frame SET changed_xid = changed_xid WHERE changed_xid >= %s",
    "UPDATE curation_goneframe SET changed_xid = pg_current_xact_id()::text::bigint WHERE changed_xid >= %s",
)


def mend_changed_xids() -> int:
    """Stamp anew what bears the number of a transaction that this server has not come to yet; tell how many that were.

    They would be read anew each time. A look-up in an index where there is nothing to do, as nearly always."""
    moment = this_moment()
    saved = frame_file.saved_moment(moment.database)
    if saved and saved.xmax > moment.xmax:
        frame_file.remove(moment.database)
    with transaction.atomic(), connection.cursor() as cursor:
        mended = 0
        for statement in RESTAMP:
            cursor.execute(statement, [moment.xmax])
            mended += cursor.rowcount
    return mended
