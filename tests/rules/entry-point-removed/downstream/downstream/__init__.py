import subprocess


def main():
    subprocess.run(["upstream-convert"], check=True)


def sync():
    return subprocess.check_output(["upstream-sync", "--all"])
