import upstream
from upstream import Table

USERS = Table("users", schema="public")


def main(*where, **more):
    return upstream.connect("db.example", 5432), upstream.connect("db", port=1), upstream.connect(*where, **more)


def columns(table: Table):
    return table.column("id", int)
