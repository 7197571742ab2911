import attr
import six
import upstream
