# shellcheck shell=bash
# Python virtual environments of this checkout, rebuilt only when what they depend on changed. Needs say.sh and apt.sh.

# find_python: prints a Python of 3.11 or later: $PYTHON, else the first that fits on the PATH.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            # Wrappers that choose a version are resolved: an environment needs the real one.
            "$candidate" -c 'import sys; print(sys.executable)'
            return 0
        fi
    done
    say "python3: none of 3.11 or later was found; on Debian 12 or later type: $(apt_line python3)"
    return 1
}

# need_venv PYTHON: true when it can make environments with pip in them.
need_venv() {
    can_venv "$1" && return 0
    apt_need "python's venv module" python3-venv || return 1
    can_venv "$1" && return 0
    say "$1: still has no venv and ensurepip; set PYTHON to one that has them"
    return 1
}

can_venv() { "$1" -c 'import venv, ensurepip' 2>/dev/null; }

# can_write DIRECTORY: by trying, since root is told yes for a read-only file system too.
can_write() {
    local probe
    probe=$(mktemp -d "$1/.probe.XXXXXX" 2>/dev/null) || return 1
    rmdir "$probe"
}

# environment_place CHECKOUT NAME: prints where the environment goes: in the checkout, else the user's cache,
# else a private directory under TMPDIR.
environment_place() {
    local cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}} tag private
    if can_write "$1"; then
        printf '%s\n' "$1/.venv-$2"
        return 0
    fi
    tag=$(printf '%s' "$1" | sha256sum | cut -c1-12)
    if [ -n "$cache" ] && mkdir -p "$cache/custody-station" 2>/dev/null && can_write "$cache/custody-station"; then
        printf '%s\n' "$cache/custody-station/$2-$tag"
        return 0
    fi
    private=${TMPDIR:-/tmp}/custody-station-$(id -u)
    # Somebody else's directory of this name must not become a place that code is run from.
    mkdir -m 700 "$private" 2>/dev/null || true
    if [ ! -d "$private" ] || [ ! -O "$private" ] || [ -L "$private" ]; then
        fail "$private: is not this user's; set XDG_CACHE_HOME to a directory that can be written"
    fi
    chmod 700 "$private"
    printf '%s\n' "$private/$2-$tag"
}

# settle_home ENVIRONMENT: programs expect a HOME; where there is none they get one beside the environment.
settle_home() {
    if [ -n "${HOME:-}" ] && [ -d "$HOME" ]; then return 0; fi
    mkdir -p "$1.home"
    export HOME=$1.home
}

# environment_key CHECKOUT PYTHON PLACE EXTRAS: changes whenever the environment must be rebuilt.
environment_key() {
    {
        cat "$1/setup.cfg" "$1/pyproject.toml"
        stat -L -c '%n %s %Y' "$2"
        printf '%s\n' "$1" "$3" "$4"
    } | sha256sum | cut -d' ' -f1
}

# requirements_of CHECKOUT PYTHON EXTRA...: prints what setup.cfg asks for, one requirement a line.
requirements_of() {
    local checkout=$1 python=$2
    shift 2
    "$python" - "$checkout/setup.cfg" "$@" <<'PYTHON'
import configparser
import sys

settings = configparser.ConfigParser(interpolation=None)
settings.read(sys.argv[1], encoding="utf-8")
texts = [settings["options"]["install_requires"]]
texts += [settings["options.extras_require"][extra] for extra in sys.argv[2:]]
print("\n".join(line for text in texts for line in text.splitlines() if line and not line.startswith("#")))
PYTHON
}

# environment_make CHECKOUT NAME PYTHON EXTRA...: prints the environment's directory when it is ready.
# The checkout is put on its path as it stands: nothing is built, and an edit shows at the next start.
environment_make() {
    local checkout=$1 name=$2 python=$3 place key
    shift 3
    place=$(environment_place "$checkout" "$name") || return 1
    key=$(environment_key "$checkout" "$python" "$place" "$*") || return 1
    if [ "$(cat "$place/.ready" 2>/dev/null)" != "$key" ]; then
        need_venv "$python" || return 1
        (
            # Two starts at once: the second waits and finds the work done.
            flock 9
            [ "$(cat "$place/.ready" 2>/dev/null)" = "$key" ] ||
                environment_fill "$checkout" "$place" "$python" "$key" "$@"
        ) 9>"$place.lock" || return 1
    fi
    printf '%s\n' "$place"
}

# environment_fill CHECKOUT PLACE PYTHON KEY EXTRA...: builds it anew; `.ready` is written last.
environment_fill() {
    local checkout=$1 place=$2 python=$3 key=$4 began wanted site
    shift 4
    began=$(moment_s)
    settle_home "$place"
    say "making a Python environment in $place ..."
    rm -rf "$place"
    quietly "$python -m venv" "$python" -m venv "$place" || return 1
    wanted=$(requirements_of "$checkout" "$place/bin/python" "$@") || return 1
    printf '%s\n' "$wanted" >"$place/requirements.txt"
    say "installing its libraries ..."
    if ! quietly "pip install" "$place/bin/python" -m pip install --no-input --disable-pip-version-check \
        -r "$place/requirements.txt"; then
        say "pip: could not get the libraries; is the network there, and do pip's own settings name the right index?" \
            "Then start this again"
        return 1
    fi
    site=$("$place/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || return 1
    printf '%s\n' "$checkout" >"$site/custody-station.pth"
    {
        printf '#!%s/bin/python\n' "$place"
        printf 'import sys\n\nfrom station.cli import main\n\nsys.exit(main())\n'
    } >"$place/bin/station"
    chmod 755 "$place/bin/station"
    printf '%s\n' "$key" >"$place/.ready"
    say "ready after $(elapsed_s "$began") s"
}
