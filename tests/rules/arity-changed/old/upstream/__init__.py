def join(first, *rest):
    return "/".join((first, *rest))


class Walker:
    def walk(self, tree):
        return [self.visit(node) for node in tree]

    def visit(self, node):
        return node

    def step(self, node, depth):
        return node
