from upstream import Walker, join


def main():
    return join("river", "lake", "sea")


def step():
    return Walker().step("leaf", 1)


class Printer(Walker):
    def visit(self, node):
        print(node)
