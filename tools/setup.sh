#!/usr/bin/env bash
# From a fresh clone to a working project. Run again, it only looks whether something changed.
#   .venv   Python with pyflows (editable) and the tools of its `dev` extra
#   .rlib   the R package pyflows
# Nothing outside this folder is touched, except by apt-get install of what the machine lacks.
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

r_needed="cli codetools generics ggplot2 hexbin jsonlite knitr magrittr MASS reticulate rlang rmarkdown testthat withr"
r_extra="lintr roxygen2"  # for `make lint` and `make generate`: taken from Debian, never asked of the user
tools_needed="pandoc"
tools_extra="qpdf tidy"   # for `make check-r`

say() { printf 'setup: %s\n' "$*"; }
die() { printf '\nsetup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# One setup at a time in one folder.
mkdir -p .build .rlib
if have flock; then
    exec 9>.build/setup.lock
    flock 9
fi

# ---- What is missing -------------------------------------------------------------------------------------

in_range() {  # is this a Python 3.10 to 3.<newest> that runs?
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, int(sys.argv[1])))' \
        "$newest" >/dev/null 2>&1
}

find_python() {  # the one in .venv, else the machine's python3, else a versioned one
    local candidate
    for candidate in "$python" python3 python3.12 python3.11 python3.13 python3.10; do
        if have "$candidate" && in_range "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
}

look_at_r() {  # sets r_version, r_missing and what this reticulate allows: numpy_pin, newest
    local old=FALSE
    r_version="" r_missing="$r_needed $r_extra"
    if have Rscript; then
        # shellcheck disable=SC2086
        { read -r r_version && read -r old && read -r r_missing; } < <(Rscript --no-init-file -e '
            has <- function(package) nzchar(system.file(package = package))
            wanted <- commandArgs(TRUE)
            cat(format(getRversion()), "\n")
            cat(has("reticulate") && packageVersion("reticulate") < "1.38", "\n")
            cat(wanted[!vapply(wanted, has, NA)], "\n")' $r_needed $r_extra) ||
            die "$(command -v Rscript) does not run"
    fi
    numpy_pin="numpy<2.4" newest=13
    if [ "$old" = TRUE ]; then
        # It cannot read the arrays of numpy 2, and the module `imp` it calls on is gone in Python 3.12.
        numpy_pin="numpy<2" newest=11
    fi
}

look_at_tools() {  # sets tools_missing
    local tool
    tools_missing=""
    for tool in $tools_needed $tools_extra; do
        have "$tool" || tools_missing="$tools_missing $tool"
    done
}

look_at_python() {  # sets interpreter and python_missing (names of Debian packages)
    interpreter="$(find_python)"
    if [ -z "$interpreter" ]; then
        python_missing="python3 python3-venv"
        return
    fi
    # R embeds Python as a shared library, which Debian keeps in a package of its own.
    python_missing="$("$interpreter" -c '
import glob, importlib.util, os, sys, sysconfig
version = "%d.%d" % sys.version_info[:2]
if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
    print(f"python{version}-venv")
folders = [sysconfig.get_config_var(name) or "" for name in ("LIBPL", "LIBDIR")]
if sys.platform == "linux" and not any(glob.glob(f"{folder}/libpython{version}*.so*") for folder in folders):
    print(f"libpython{version}")
' | xargs)"
}

look() {
    look_at_r
    look_at_tools
    look_at_python
}

only() {  # the words of $1 that are also words of $2
    local word
    for word in $1; do
        case " $2 " in *" $word "*) printf '%s ' "$word" ;; esac
    done
}

# ---- Getting it ------------------------------------------------------------------------------------------

debian_names() {
    local package
    have Rscript || printf 'r-base-core '
    for package in $r_missing; do
        printf 'r-cran-%s ' "$(printf %s "$package" | tr '[:upper:]' '[:lower:]')"
    done
    printf '%s ' $tools_missing $python_missing
}

why_not_apt() {  # empty when apt-get can be used
    if ! have apt-get; then
        echo "this machine has no apt-get"
    elif [ "$(id -u)" != 0 ] && ! have sudo; then
        echo "apt-get needs root or sudo"
    elif have Rscript && [ "$(readlink -f "$(command -v Rscript)")" != "$(readlink -f /usr/bin/Rscript)" ]; then
        echo "the R found first, $(command -v Rscript), is not Debian's"
    fi
}

apt() {
    local sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    quietly apt.log $sudo env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 "$@"
}

apt_install() {
    say "installing from Debian: $* (log in .build/apt.log)"
    compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || apt update || return
    # An old list names files that are gone from the server: a fresh one cures that.
    apt install --no-install-recommends "$@" 2>/dev/null ||
        { apt update && apt install --no-install-recommends "$@"; }
}

by_hand() {
    local packages
    packages="$(only "$r_missing" "$r_needed")"
    have Rscript || echo "  * R 4.1 or later: https://cran.r-project.org"
    [ -z "$packages" ] || echo "  * R packages, in R: install.packages(c($(printf '"%s", ' $packages | sed 's/, $//')))"
    [ -z "$(only "$tools_missing" "$tools_needed")" ] || echo "  * pandoc: https://pandoc.org/installing.html"
    case "$python_missing" in
        *python3\ *) echo "  * Python 3.10 to 3.$newest, with its venv module and as a shared library" ;;
        *venv*libpython*) echo "  * the venv module and the shared library of $interpreter" ;;
        *venv*) echo "  * the venv module of $interpreter" ;;
        *libpython*) echo "  * the shared library of Python ($interpreter was built without --enable-shared)" ;;
    esac
}

complete() {
    local reason
    look
    reason="$(why_not_apt)"
    # Twice: which library of Python is needed shows only when there is a Python.
    for _ in 1 2; do
        if [ -z "$reason" ] && [ -n "$(debian_names | xargs)" ]; then
            # shellcheck disable=SC2046
            apt_install $(debian_names) || { reason="apt-get failed"; break; }
            hash -r
            look
        fi
    done
    local list
    list="$(by_hand)"
    [ -z "$list" ] || die "these are missing${reason:+, and $reason}:
$list
Please install them by hand, then run this again."
}

# ---- The two libraries -----------------------------------------------------------------------------------

digest() {  # one number for the content and names of all these files
    find -L "$@" -type f ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 cksum | cksum
}

python_library() {
    local key
    key="$(digest pyproject.toml tools/setup.sh tools/env.sh) $numpy_pin $root"
    if [ -f .venv/.stamp ] && [ "$(cat .venv/.stamp)" = "$key" ] && in_range "$python"; then return; fi
    if ! { in_range "$python" && "$python" -c 'import pip' 2>/dev/null; }; then
        rm -rf .venv
        "$interpreter" -m venv .venv
    fi
    say "installing pyflows and TensorFlow into .venv (about 2 GB; minutes the first time)"
    quietly pip.log "$python" -m pip install --disable-pip-version-check -e ".[dev]" "$numpy_pin" ||
        die "pip could not install what pyproject.toml asks for (log in .build/pip.log)"
    printf '%s\n' "$key" >.venv/.stamp
    changed=yes
}

r_library() {
    local key
    key="$(digest rpkg/DESCRIPTION rpkg/NAMESPACE rpkg/R rpkg/man rpkg/inst tools/setup.sh tools/build_r.sh) $r_version $root"
    if [ -f .rlib/.stamp ] && [ "$(cat .rlib/.stamp)" = "$key" ]; then return; fi
    say "installing the R package pyflows into .rlib"
    rm -f .rlib/.stamp
    tools/build_r.sh .build --no-build-vignettes
    quietly install_r.log R CMD INSTALL --library=.rlib .build/pyflows_*.tar.gz ||
        die "the R package does not install (log in .build/install_r.log)"
    printf '%s\n' "$key" >.rlib/.stamp
    changed=yes
}

changed=""
complete
python_library
if [ -f rpkg/DESCRIPTION ]; then r_library; fi
say "${changed:+done, }everything is up to date"
