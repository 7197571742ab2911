"""Level `build`: a recipe with a compiled binary is built. Nothing else runs the code that looks at what was linked."""

from __future__ import annotations

from tailrace.nightly.bench import CellBench, find_traceback
from tailrace.nightly.values import LevelResult
from tailrace.verify.installed import installed_names

# The binary is one of this machine's: no compiler and no channel is needed, and it is looked at all the same.
_BUILD = """\
import json, os, subprocess, sys, tempfile
work = tempfile.mkdtemp()
recipe, channel = os.path.join(work, "recipe"), os.path.join(work, "channel")
os.makedirs(recipe)
for subdir in ("noarch", "linux-64", "linux-aarch64", "osx-64", "osx-arm64"):
    os.makedirs(os.path.join(channel, subdir))
    with open(os.path.join(channel, subdir, "repodata.json"), "w") as file:
        json.dump({"info": {"subdir": subdir}, "packages": {}, "packages.conda": {}}, file)
with open(os.path.join(recipe, "meta.yaml"), "w") as file:
    file.write("package:\\n  name: tailrace-trial\\n  version: '1'\\n"
               "build:\\n  number: 0\\n  binary_relocation: false\\n"
               "  script: mkdir -p $PREFIX/bin && cp /bin/true $PREFIX/bin/trial\\n")
with open(os.path.join(work, "condarc"), "w") as file:
    file.write("channels: []\\nsolver: classic\\nuse_only_tar_bz2: true\\nadd_pip_as_python_dependency: false\\n"
               "pkgs_dirs: [%s]\\nenvs_dirs: [%s]\\n" % (os.path.join(work, "pkgs"), os.path.join(work, "envs")))
environment = dict(os.environ, CONDARC=os.path.join(work, "condarc"), HOME=work, CONDA_SOLVER="classic",
                   CONDA_EXPERIMENTAL_SOLVER="classic", CONDA_OFFLINE="1",
                   PATH=os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", os.defpath))
code = ("import sys; from conda_build.cli import main_build as m; sys.argv = ['conda-build'] + sys.argv[1:]; "
        "sys.exit(m.main() if hasattr(m, 'main') else m.execute(sys.argv[1:]))")
arguments = [recipe, "--no-anaconda-upload", "--no-test", "--override-channels", "-c", "file://" + channel,
             "--croot", os.path.join(work, "croot"), "--output-folder", os.path.join(work, "out")]
ended = subprocess.run([sys.executable, "-c", code] + arguments, env=environment, cwd=work, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
text = ended.stdout.decode("utf-8", "replace")
sys.stdout.write(text)
sys.stdout.flush()
if ended.returncode:
    sys.stderr.write(text[max(text.rfind("Traceback (most recent"), 0):][-6000:])
    os._exit(1)
"""


def run(bench: CellBench) -> LevelResult:
    """With conda-build, where it is one of the projects."""
    if "conda-build" not in installed_names(bench.pair.baseline.place):
        return LevelResult(level="build", reason="no program that builds recipes is among the projects")
    verdict = bench.check("build", "conda build of a recipe with a binary", _BUILD)
    if verdict is None:
        baseline = bench.run(_BUILD, bench.pair.baseline)
        inner = find_traceback(baseline.stdout)
        last = (
            inner[0] if inner else next((line for line in reversed(baseline.stdout.splitlines()) if line.strip()), "")
        )
        return LevelResult(level="build", broken_before=1, reason=f"it fails with the baseline already: {last[:300]}")
    return LevelResult(level="build", tried=1)
