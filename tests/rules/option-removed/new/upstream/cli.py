import argparse


def make_parser():
    parser = argparse.ArgumentParser("upstream-build")
    parser.add_argument("--output")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("clean")
    return parser


def main():
    make_parser().parse_args()
