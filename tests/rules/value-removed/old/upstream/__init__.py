_STYLES = {"plain": 1, "seaborn-deep": 2}


def use(style):
    return _STYLES[style]
