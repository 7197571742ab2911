from importlib.resources import files


def main():
    return files("upstream.data").joinpath("names.txt").read_text()
