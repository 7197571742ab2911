from importlib.resources import files


def main():
    return files("upstream.data").joinpath("words.txt").read_text()
