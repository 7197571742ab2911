from upstream import escape, soft_unicode


def do_markup(value):
    return escape(soft_unicode(value))
