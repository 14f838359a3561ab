"""Writing tags and evidence of many rows at once."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from django.db import connection

from curation.models import Frame, Keep

Row: TypeAlias = tuple[int, Mapping[str, Any], Mapping[str, Any]]
"""id, tags, evidence."""


def write_tags(model: type[Frame] | type[Keep], rows: Sequence[Row]) -> None:
    """Set tags and evidence of rows, which may be none, in one statement. Rows that are gone are left out.

    The ORM's bulk_update writes a CASE with a branch a row, which takes ten times as long."""
    if not rows:
        return
    ids, tags, evidence = zip(*rows, strict=True)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {table} AS stored SET tags = new.tags::jsonb, evidence = new.evidence::jsonb
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (id, tags, evidence) WHERE stored.id = new.id
            """,
            [list(ids), [json.dumps(one) for one in tags], [json.dumps(one) for one in evidence]],
        )
