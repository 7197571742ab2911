"""Under which names the modules of a distribution are imported, where its own name does not say so."""

from __future__ import annotations

from packaging.utils import canonicalize_name

_ROOTS = {
    "attrs": ("attr", "attrs"),
    "beautifulsoup4": ("bs4",),
    "biopython": ("Bio",),
    "cython": ("Cython",),
    "django-rest-framework": ("rest_framework",),
    "djangorestframework": ("rest_framework",),
    "dnspython": ("dns",),
    "docker-py": ("docker",),
    "faust-cchardet": ("cchardet",),
    "gitpython": ("git",),
    "google-api-python-client": ("googleapiclient",),
    "google-auth": ("google.auth",),
    "grpcio": ("grpc",),
    "importlib-metadata": ("importlib_metadata",),
    "ipython": ("IPython",),
    "jinja2": ("jinja2",),
    "jpype1": ("jpype",),
    "levenshtein": ("Levenshtein",),
    "mako": ("mako",),
    "markdown": ("markdown",),
    "markupsafe": ("markupsafe",),
    "matplotlib": ("matplotlib", "mpl_toolkits", "pylab"),
    "msgpack-python": ("msgpack",),
    "mysqlclient": ("MySQLdb",),
    "opencv-python": ("cv2",),
    "opencv-python-headless": ("cv2",),
    "pillow": ("PIL",),
    "progressbar2": ("progressbar",),
    "protobuf": ("google.protobuf",),
    "psycopg2-binary": ("psycopg2",),
    "py": ("py",),
    "pycrypto": ("Crypto",),
    "pycryptodome": ("Crypto",),
    "pygithub": ("github",),
    "pygments": ("pygments",),
    "pyjwt": ("jwt",),
    "pymysql": ("pymysql",),
    "pyopenssl": ("OpenSSL",),
    "pyserial": ("serial",),
    "python-dateutil": ("dateutil",),
    "python-dotenv": ("dotenv",),
    "python-jose": ("jose",),
    "python-levenshtein": ("Levenshtein",),
    "python-magic": ("magic",),
    "python-multipart": ("multipart", "python_multipart"),
    "python-slugify": ("slugify",),
    "pywin32": ("win32api", "win32con", "pythoncom", "pywintypes"),
    "pyyaml": ("yaml",),
    "pyzmq": ("zmq",),
    "ruamel-yaml": ("ruamel.yaml",),
    "scikit-image": ("skimage",),
    "scikit-learn": ("sklearn",),
    "setuptools": ("setuptools", "pkg_resources"),
    "sqlalchemy": ("sqlalchemy",),
    "tensorflow-cpu": ("tensorflow",),
    "unidecode": ("unidecode",),
    "websocket-client": ("websocket",),
    "werkzeug": ("werkzeug",),
}


def import_roots(distribution: str) -> tuple[str, ...]:
    """The modules under which a distribution is imported: known ones, else its name with underscores."""
    name = canonicalize_name(distribution)
    plain = name.replace("-", "_")
    return _ROOTS.get(name, (plain,))
