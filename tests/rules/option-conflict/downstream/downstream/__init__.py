from upstream.cli import make_parser


def main():
    parser = make_parser()
    parser.add_argument("--lock", action="store_true", help="remove stale locks")
    return parser.parse_args([])


def short():
    parser = make_parser()
    parser.add_argument("-l", "--lazy", action="store_true")
    return parser
