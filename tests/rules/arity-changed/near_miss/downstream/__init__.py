from upstream import Walker, join


def main(*parts):
    return join("river", "lake"), join(*parts)


class Printer(Walker):
    def visit(self, node, *more, **options):
        print(node)


class Counter(Walker):
    def visit(self, node, depth=0):
        return depth
