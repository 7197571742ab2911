import argparse


def make_parser():
    parser = argparse.ArgumentParser("upstream-build")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--output")
    commands = parser.add_subparsers(dest="command")
    clean = commands.add_parser("clean")
    clean.add_argument("--locks", action="store_true")
    commands.add_parser("prune")
    return parser


def main():
    make_parser().parse_args()
