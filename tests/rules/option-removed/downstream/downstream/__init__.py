import subprocess


def main():
    subprocess.run(["upstream-build", "--fast", "--output", "site"], check=True)


def clean():
    subprocess.check_call(["upstream-build", "clean", "--locks"])


def prune():
    subprocess.check_output(["upstream-build", "prune"])
