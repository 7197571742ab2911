import upstream
from upstream import Table

USERS = Table("users")


def main():
    return upstream.connect("db.example")


def columns(table: Table):
    return [table.column("id"), table.column("name")]
