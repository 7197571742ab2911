import upstream


def main():
    root = upstream.find_root(".")
    return root.joinpath("pyproject.toml")
