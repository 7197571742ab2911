"""Programs that try a project out in an environment, as Python source. Builds text only; they run in the sandbox."""

from __future__ import annotations

from collections.abc import Sequence

# Everything is started as a user would: from PATH, in an empty folder, with nothing on standard input.
_BEGIN = """\
import os, subprocess, sys, tempfile
bin = os.path.dirname(sys.executable)
os.environ["PATH"] = bin + os.pathsep + os.environ.get("PATH", os.defpath)
os.environ.update(CONDA_PREFIX=sys.prefix, MAMBA_ROOT_PREFIX=sys.prefix, CONDA_OFFLINE="1", CI="1")
os.chdir(tempfile.mkdtemp())
def start(arguments, limit):
    out = tempfile.TemporaryFile()
    try:
        status = subprocess.call(
            arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, timeout=limit
        )
    except OSError as error:
        raise SystemExit("cannot be started: %s" % error)
    out.seek(0)
    return status, out.read(200000).decode("utf-8", "replace")
"""


def start_program(arguments: Sequence[str], limit: float) -> str:
    """Starts an executable of the environment; fails as it fails, and writes what it writes."""
    return f"""{_BEGIN}
status, text = start({list(arguments)!r}, {limit!r})
sys.stdout.write(text)
sys.stdout.flush()
if status:
    tail = [line for line in text.strip().splitlines() if line.strip()][-1:] or [""]
    raise RuntimeError("exit status %s: %s" % (status, tail[0][:300]))
"""


def batch_program(name: str, target: str, calls: Sequence[Sequence[str]], limit: float) -> str:
    """Imports what a console script calls once, then calls it for each list of arguments in a process of its own.

    Prints a line of JSON: the exit status (124 for one that took more than `limit` seconds) and the text of each call.
    """
    module, _, attribute = target.partition(":")
    return f"""{_BEGIN}
import importlib, json, signal, time
sys.argv = [os.path.join(bin, {name!r})]
call = importlib.import_module({module.strip()!r})
for part in {attribute.strip()!r}.split("."):
    call = getattr(call, part)
found = []
for arguments in {[list(one) for one in calls]!r}:
    out = tempfile.TemporaryFile()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            sys.argv[1:] = arguments
            try:
                status = call()
            except SystemExit as leaving:
                status = leaving.code
            if isinstance(status, str):
                sys.stderr.write(status)
            status = 0 if status is None else status if isinstance(status, int) else 1
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(status & 255)
    until, ended = time.time() + {limit!r}, (0, 0)
    while ended[0] == 0 and time.time() < until:
        ended = os.waitpid(child, os.WNOHANG)
        time.sleep(0.005)
    if ended[0] == 0:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found.append([124, ""])
        continue
    out.seek(0)
    status = ended[1] >> 8 if not ended[1] & 127 else 128 + (ended[1] & 127)
    found.append([status, out.read(20000).decode("utf-8", "replace")])
print("\\ntailrace-batch:" + json.dumps(found))
"""


def list_executables_program(prefixes: Sequence[str]) -> str:
    """Prints the names in the environment's folder of executables that begin with one of the prefixes."""
    return f"""\
import os, sys
for name in sorted(os.listdir(os.path.dirname(sys.executable))):
    if name.startswith({tuple(prefixes)!r}):
        print(name)
"""


def plugins_program(modules: Sequence[str]) -> str:
    """Prints what is registered with every pluggy host among the modules, one hook of one plug-in a line.

    A host is a `PluginManager` in a module, or what a function called `get_plugin_manager` gives.
    """
    return f"""\
import importlib
try:
    import pluggy
except ImportError:
    pluggy = None
seen = set()
for name in {list(modules)!r} if pluggy else ():
    try:
        module = importlib.import_module(name)
    except BaseException:
        continue
    found = [value for value in list(vars(module).values()) if isinstance(value, pluggy.PluginManager)]
    maker = vars(module).get("get_plugin_manager")
    if callable(maker) and getattr(maker, "__module__", name) == name:
        try:
            found.append(maker())
        except TypeError:
            pass
    for manager in found:
        if id(manager) in seen or not isinstance(manager, pluggy.PluginManager):
            continue
        seen.add(id(manager))
        manager.check_pending()
        for plugin, value in sorted(manager.list_name_plugin(), key=lambda pair: str(pair[0])):
            if value is not None:
                for caller in manager.get_hookcallers(value) or ():
                    print("%s: %s in %s" % (manager.project_name, caller.name, plugin))
"""


# Sources the scripts, then calls each public function with each word that its `case` knows. What the functions start
# are programs that do nothing, so that what is seen is the shell code alone.
_SHELL = r"""
for script in "$@"; do
  . "$script" || exit 90
done
if [ -n "$BASH_VERSION" ]; then
  names=$(compgen -A function)
else
  names=$(print -l ${(ok)functions})
  setopt sh_word_split # for the loops below; the functions run without it
fi
for name in $names; do
  echo "function $name"
done
for name in $names; do
  case "$name" in _*|command_not_found*|compgen|compdef) continue ;; esac
  if [ -n "$BASH_VERSION" ]; then body=$(declare -f "$name"); else body=$(functions "$name"); fi
  words=$(printf '%s\n' "$body" | sed -n 's/^[[:space:]]*(\{0,1\}\([][a-z0-9|_ -]\{1,200\}\))[[:space:]]*.*$/\1/p' |
    tr '|' '\n' | tr -d ' ()' | sort -u | head -60)
  for word in "" $words; do
    ( [ -z "$ZSH_VERSION" ] || unsetopt sh_word_split; "$name" $word ) < /dev/null > /dev/null 2> "$TAILRACE_ERRORS"
    if grep -q -i 'command not found' "$TAILRACE_ERRORS"; then
      sed 's/^.*line [0-9]*: //; s/^[^ ]*:[0-9]*: //; s/^\(command not found\): \(.*\)$/\2: \1/' \
        "$TAILRACE_ERRORS" | grep -i 'command not found' | sort -u | \
        sed "s/^/call $name $word: /"
    fi
  done
done
exit 0
"""


def shell_program(shell: str, scripts: Sequence[str]) -> str:
    """Sources shell scripts in one shell, calls their functions, and prints the functions and what they do not find.

    `scripts`: relative to the environment; one that is not there is left out.
    """
    return f"""\
import os, re, subprocess, sys, tempfile
scripts = [path for path in (os.path.join(sys.prefix, one) for one in {list(scripts)!r}) if os.path.isfile(path)]
folder = tempfile.mkdtemp()
nothing = os.path.join(folder, "bin")
os.mkdir(nothing)
names = set(os.listdir(os.path.dirname(sys.executable)))
variables = set()
for script in scripts:
    with open(script, encoding="utf-8", errors="replace") as file:
        text = file.read()
    variables |= set(re.findall(r"[$]{{?([A-Z][A-Z0-9_]*_EXE)\\b", text))
    names |= set(re.findall(r"[)]/([A-Za-z][A-Za-z0-9_-]*)\\b", text))
names |= {{variable[:-4].lower() for variable in variables}}
for name in names:
    path = os.path.join(nothing, name)
    with open(path, "w") as file:
        file.write("#!/bin/sh\\nexit 0\\n")
    os.chmod(path, 0o755)
environment = dict(os.environ, PATH=nothing + os.pathsep + "/usr/bin:/bin", PS1="$ ")
environment["TAILRACE_ERRORS"] = os.path.join(folder, "errors")
for variable in variables:
    environment[variable] = os.path.join(nothing, variable[:-4].lower())
arguments = [{shell!r}] + (["--noprofile", "--norc"] if {shell!r} == "bash" else ["-f"])
ended = subprocess.run(
    arguments + ["-c", {_SHELL!r}, "shell"] + scripts, env=environment, stdin=subprocess.DEVNULL,
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
)
print(ended.stdout.decode("utf-8", "replace"))
if ended.returncode:
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
    raise RuntimeError("%s cannot be sourced by {shell}: %s" % (scripts, "; ".join(lines)))
"""


_PARSE = (
    "$errors = $null; $null = [System.Management.Automation.Language.Parser]::ParseFile($args[0], [ref]$null, "
    "[ref]$errors); $errors | ForEach-Object { $_.Message }; exit $errors.Count"
)


def powershell_program(pwsh: str, file: str) -> str:
    """Parses a PowerShell file, relative to the environment, without running it; one that is gone is sound."""
    return f"""\
import os, subprocess, sys
path = os.path.join(sys.prefix, {file!r})
if os.path.isfile(path):
    ended = subprocess.run(
        [{pwsh!r}, "-NoLogo", "-NoProfile", "-NonInteractive", "-CommandWithArgs", {_PARSE!r}, path],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
    )
    if ended.returncode:
        text = ended.stdout.decode("utf-8", "replace").strip()
        raise RuntimeError("{file} is not PowerShell: " + (text.splitlines() or [""])[0][:300])
"""
