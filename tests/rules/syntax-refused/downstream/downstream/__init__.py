def kind(value):
    match value:
        case int():
            return "number"
        case _:
            return "other"
