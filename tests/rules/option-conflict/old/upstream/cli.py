import argparse


def make_parser():
    parser = argparse.ArgumentParser("upstream")
    parser.add_argument("--all", action="store_true")
    return parser


def main():
    make_parser().parse_args()
