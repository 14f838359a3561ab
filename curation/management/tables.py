"""The table that commands print for people."""

from rich.table import Table


def plain_table(*columns: str) -> Table:
    """Make a table without lines, in which nothing is cut off: plain_table("name", ">frames").

    Columns that begin with ">" are flush right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left", overflow="fold")
    return table
