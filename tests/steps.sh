# shellcheck shell=bash
# The steps of tests/run: each is timed and named, none ends the run; `report` prints the table and decides the exit code.
# Needs provisioning/lib, and from tests/run: work (a scratch directory) and checkout.

work=${work:?}
checkout=${checkout:?}
steps_failed=0
steps_file=$work/steps
skips_file=$work/skips
: >"$steps_file"
: >"$skips_file"

# skipped WHAT WHY: remembered for the end, so that nobody has to find it in the middle.
skipped() {
    say "SKIPPED $1: $2"
    printf '%s: %s\n' "$1" "$2" >>"$skips_file"
}

# step NAME COMMAND...
step() {
    local name=$1 began status=0
    shift
    began=$(moment_s)
    printf '\n== %s\n' "$name"
    "$@" || status=$?
    if [ "$status" -eq 0 ]; then
        printf '%-16s %8s s  passed\n' "$name" "$(elapsed_s "$began")" >>"$steps_file"
    else
        steps_failed=$((steps_failed + 1))
        printf '%-16s %8s s  FAILED (exit code %s)\n' "$name" "$(elapsed_s "$began")" "$status" >>"$steps_file"
    fi
}

# step_if PROGRAM NAME COMMAND...: skipped, and said so, where the program is missing.
step_if() {
    local program=$1
    shift
    if has "$program"; then
        step "$@"
    else
        printf '%-16s %8s    SKIPPED\n' "$1" "-" >>"$steps_file"
    fi
}

# need PROGRAM_OR_PATH PACKAGE
need() {
    has "$1" || [ -e "$1" ] || apt_need "$1" "$2" || skipped "$1" "it is missing"
}

# need_hardware_libraries: pyudev is pure Python, lgpio has wheels for some versions, evdev needs a compiler here.
need_hardware_libraries() {
    local wanted requirement name
    wanted=$(pi_requirements)
    for requirement in $wanted; do
        name=${requirement%%[<>=]*}
        python -c "import $name" 2>/dev/null && continue
        if [ "$name" = evdev ] && ! can_compile; then
            skipped "tests with evdev" "no compiler or no headers here to build it; $(apt_line gcc libc6-dev python3-dev)"
        elif ! install_hardware_library "$name" "$requirement"; then
            skipped "tests with $name" "pip could not install $requirement"
        fi
    done
}

pi_requirements() {
    requirements_of "$checkout" python pi >"$work/with"
    requirements_of "$checkout" python >"$work/without"
    grep -vxFf "$work/without" "$work/with" | tr -d ' '
}

install_hardware_library() {
    local -a only_wheels=(--only-binary "$1")
    [ "$1" != evdev ] || only_wheels=()
    say "installing $2 ..."
    python -m pip install --no-input --disable-pip-version-check "${only_wheels[@]}" "$2" >"$work/pip" 2>&1 </dev/null
}

can_compile() {
    has cc && [ -e /usr/include/linux/input.h ] &&
        [ -e "$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ]
}

# Each shell script among the files that belong to the checkout, by its name or its first line.
shell_scripts() {
    local file first
    checkout_files | while read -r file; do
        [ -f "$file" ] || continue
        first=$(head -c 64 "$file" | head -n 1 | tr -d '\0')
        case $file:$first in
        *.sh:* | *:'#!/bin/sh'* | *:'#!/bin/bash'* | *:'#!/usr/bin/env bash'*) printf '%s\n' "$file" ;;
        esac
    done
}

# A checkout may belong to another user than the one who checks it.
checkout_files() {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . -type f -not -path './.*' -printf '%P\n'
}

check_shell() {
    local -a scripts
    mapfile -t scripts < <(shell_scripts)
    [ "${#scripts[@]}" -gt 0 ] || return 1
    printf '%s scripts\n' "${#scripts[@]}"
    shellcheck --external-sources --source-path="$checkout" "${scripts[@]}"
}

# The units are verified as they stand but for the program, which a build machine has not at that place.
check_units() {
    local unit status=0
    mkdir -p "$work/units"
    for unit in systemd/*.service systemd/*.timer; do
        [ -e "$unit" ] || continue
        sed -E 's#^(Exec[A-Za-z]+=[-+!:@]*)/opt/station/venv/bin/[a-z-]+.*#\1/bin/true#' "$unit" >"$work/units/${unit##*/}"
    done
    # A misspelt setting is only warned of, and would be a protection that is not there: silence is asked for.
    systemd-analyze verify --man=no "$work"/units/* 2>&1 | tee "$work/verified"
    if [ "${PIPESTATUS[0]}" -ne 0 ] || [ -s "$work/verified" ]; then status=1; fi
    # Its exposure is 1.5 and stays there, here times ten; a unit that loses its hardening is found here.
    systemd-analyze security --no-pager --offline=true --threshold=15 "$work/units/station.service" >"$work/exposure" ||
        status=1
    tail -n 1 "$work/exposure"
    check_users_and_places || status=1
    if has udevadm && udevadm verify --help >/dev/null 2>&1; then
        udevadm verify systemd/udev/*.rules || status=1
    fi
    return "$status"
}

# sysusers.d and tmpfiles.d applied to an empty root: nothing of this machine is touched.
check_users_and_places() {
    local root=$work/root
    mkdir -p "$root/etc"
    systemd-sysusers --root="$root" "$PWD"/systemd/sysusers.d/*.conf && grep -q '^station:' "$root/etc/passwd" &&
        systemd-tmpfiles --root="$root" --create "$PWD"/systemd/tmpfiles.d/*.conf && [ -d "$root/etc/station" ]
}

# run_pytest NAME MARKERS ARGUMENTS...
run_pytest() {
    local name=$1 markers=$2 status=0
    shift 2
    python -m pytest -p no:cacheprovider -m "$markers" --junit-xml="$work/$name.xml" "$@" || status=$?
    # 5: no test was selected. There need be no rig test among the arguments that somebody gave.
    if [ "$status" -eq 5 ] && { [ "$name" = rig ] || [ "$#" -gt 0 ]; }; then
        skipped "pytest, $markers" "no test was selected"
        return 0
    fi
    if [ "$name" = rig ] && [ -n "${RIG_REQUIRED:-}" ] && ! python tests/tally.py "$work/rig.xml" | grep -q ' 0 skipped$'; then
        say "rig: tests of it were skipped, and RIG_REQUIRED says that none may be"
        return 1
    fi
    return "$status"
}

# report: the slowest tests, the table, the skipped parts, and as the last line the tests' figures.
report() {
    printf '\n== slowest tests\n'
    python "$checkout/tests/tally.py" --slowest "$work"/*.xml
    printf '\n== summary\n'
    cat "$steps_file"
    python "$checkout/tests/tally.py" --reasons "$work"/*.xml >>"$skips_file" || steps_failed=$((steps_failed + 1))
    if [ -s "$skips_file" ]; then
        printf '\nSKIPPED, so not checked here:\n'
        sed 's/^/  /' "$skips_file"
    fi
    printf '\n'
    [ "$steps_failed" -eq 0 ] || printf '%s steps FAILED\n' "$steps_failed"
    python "$checkout/tests/tally.py" "$work"/*.xml
    [ "$steps_failed" -eq 0 ]
}
