import argparse

from upstream.cli import make_parser


def main():
    parser = make_parser()
    parser.add_argument("--stale", action="store_true", help="remove stale locks")
    return parser.parse_args([])


def own():
    parser = argparse.ArgumentParser("downstream")
    parser.add_argument("-l", "--lock", action="store_true")
    return parser
