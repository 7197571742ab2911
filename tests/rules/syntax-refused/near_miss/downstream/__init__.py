def kind(value):
    return "number" if isinstance(value, int) else "other"
