def join(first, second=""):
    return "/".join((first, second))


class Walker:
    def walk(self, tree):
        return [self.visit(node, depth=0) for node in tree]

    def visit(self, node, depth):
        return node

    def step(self, node):
        return node
