import subprocess


def main():
    subprocess.run(["upstream-build", "--output", "site"], check=True)


def clean():
    subprocess.check_call(["upstream-build", "clean"])


def other():
    subprocess.run(["other-build", "--fast"], check=True)
