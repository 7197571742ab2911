from setuptools import setup

setup(name="downstream", version="1", use_magic=True)
