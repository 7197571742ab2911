import upstream


def main():
    return upstream.use("seaborn-deep")
