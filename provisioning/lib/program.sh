# shellcheck shell=bash
# The program and its libraries in /opt/station/venv. Needs say.sh, apt.sh, place.sh.

checkout=${checkout:?}
program_place=/opt/station/venv
# Debian's Python: the one that apt's hardware libraries belong to.
system_python=/usr/bin/python3

# need_system_packages: what is not importable yet comes from apt; with it all there, apt is not asked.
need_system_packages() {
    local -a missing=()
    local module
    "$system_python" -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
    for module in lgpio evdev pyudev; do
        "$system_python" -c "import $module" 2>/dev/null || missing+=("python3-$module")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    apt_need "the system's packages" "${missing[@]}" || exit 1
    changed "installed ${missing[*]}"
}

# program_key: changes with the program, its requirements, and the Python that it runs on.
program_key() {
    (
        cd "$checkout" || exit 1
        "$system_python" -V
        find station drivers setup.cfg pyproject.toml -type f -not -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum
    ) | sha256sum | cut -d' ' -f1
}

# install_program WHEELHOUSE: into a new environment, which takes the old one's place only when it is whole.
install_program() {
    local key fresh=$program_place-new
    key=$(program_key)
    if [ ! -L "$program_place" ] && [ "$(cat "$program_place/.installed" 2>/dev/null)" = "$key" ]; then return 0; fi
    say "making $program_place ..."
    mkdir -p "$(dirname "$program_place")"
    rm -rf "$fresh"
    quietly "$system_python -m venv" "$system_python" -m venv --system-site-packages "$fresh" || exit 1
    pip_install "$fresh" "$1"
    # Environments know their own path: what stands in its scripts is set to the place it moves to.
    grep -rlI --null "$fresh" "$fresh/bin" "$fresh/pyvenv.cfg" | xargs -0 -r sed -i "s#$fresh#$program_place#g"
    printf '%s\n' "$key" >"$fresh/.installed"
    sync -f "$fresh"
    rm -rf "$program_place-old"
    [ ! -e "$program_place" ] || mv -T "$program_place" "$program_place-old"
    mv -T "$fresh" "$program_place"
    rm -rf "$program_place-old"
    changed "$program_place"
}

# pip_install ENVIRONMENT WHEELHOUSE: from a copy, since building in the checkout would leave its traces there.
pip_install() {
    local copy
    local -a from=() parts=(pyproject.toml setup.cfg station drivers)
    [ -z "$2" ] || from=(--no-index --find-links "$2")
    [ ! -e "$checkout/README.md" ] || parts+=(README.md)
    copy=$(mktemp -d)
    tar -C "$checkout" -cf - --exclude=__pycache__ "${parts[@]}" | tar -C "$copy" -xf -
    if ! quietly "pip install" "$1/bin/python" -m pip install --no-input --disable-pip-version-check "${from[@]}" "$copy"; then
        rm -rf "$copy"
        fail "pip: could not install the station; with --offline the directory must hold a wheel of every library," \
            "setuptools too. The station that was installed before runs on"
    fi
    rm -rf "$copy"
}

# use_prepared ENVIRONMENT
use_prepared() {
    [ -x "$1/bin/station" ] || fail "$1: has no bin/station; --venv takes an environment with the station installed"
    if [ "$(readlink "$program_place")" != "$1" ]; then
        [ -L "$program_place" ] || [ ! -e "$program_place" ] || fail "$program_place: is an installed environment; remove it first"
        mkdir -p "$(dirname "$program_place")"
        ln -sfn "$1" "$program_place"
        changed "$program_place -> $1"
    fi
}

# check_hardware_libraries: pip knows an lgpio 0.0.0.2 that is an empty shell; with it every pin would be dead.
check_hardware_libraries() {
    local module python=$program_place/bin/python
    for module in lgpio evdev pyudev; do
        "$python" -c "import $module" 2>/dev/null ||
            fail "$module: $python cannot import it; type: $(apt_line "python3-$module")"
    done
    "$python" -c 'import lgpio; lgpio.gpiochip_open' 2>/dev/null ||
        fail "lgpio: this is the empty package 0.0.0.2, which drives no pin; remove it and type: $(apt_line python3-lgpio)"
}
