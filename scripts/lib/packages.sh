# shellcheck shell=bash
#
# Sourced. Installs the Debian packages a script needs when they are missing:
#
#   need mke2fs=e2fsprogs qemu-img=qemu-utils   # commands, and who brings them
#   need_package debian-archive-keyring         # what brings no command
#
# With nothing missing neither asks for root. What cannot be installed ends the script with one line and
# exit 69 (EX_UNAVAILABLE).

# A user's PATH has no sbin on Debian, and mke2fs and its like need no root to write into a file. On a Mac, Homebrew keeps
# e2fsprogs out of it.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/opt/e2fsprogs/sbin:/usr/local/opt/e2fsprogs/sbin

need() {
  install_missing missing_command "$@"
}

need_package() {
  install_missing missing_package "$@"
}

# Prints the package of COMMAND=PACKAGE when the command is missing.
missing_command() {
  command -v "${1%%=*}" >/dev/null || printf '%s\n' "${1#*=}"
}

missing_package() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]] || printf '%s\n' "$1"
}

# install_missing CHECK ITEM…: CHECK prints the package that ITEM lacks, or nothing.
install_missing() {
  local check=$1 item package packages=() names=()
  shift
  for item in "$@"; do
    package=$("$check" "$item") || true
    [[ -z $package ]] && continue
    packages+=("$package")
    names+=("${item/=*/ ($package)}")
  done
  ((${#packages[@]})) || return 0

  local as_root=()
  command -v apt-get >/dev/null || cannot_install "${names[*]}" 'there is no apt-get'
  if ((EUID)); then
    as_root=(sudo)
    command -v sudo >/dev/null || cannot_install "${names[*]}" 'this needs root or sudo'
  fi
  echo "installing ${names[*]} …" >&2
  # A file, not $(…): a service that a package starts may keep a pipe open for ever.
  local log error
  log=$(mktemp)
  if ! apt_install "${packages[@]}" 2>"$log"; then
    error=$(grep '^E: ' "$log" | tail -1) || error=$(tail -1 "$log")
    rm "$log"
    cannot_install "${names[*]}" "$error"
  fi
  rm "$log"
  for item in "$@"; do
    [[ -z $("$check" "$item") ]] || cannot_install "${item%%=*}" 'its package does not bring it'
  done
}

# Two scripts may come here at once. apt waits for dpkg's lock alone, not for those of its lists and archives,
# hence a lock of our own: on a directory that is there wherever dpkg is, and which everybody may open.
apt_install() {
  (
    flock 9
    if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && apt_get install "$@"; then
      exit 0
    fi
    apt_get update || true
    apt_get install "$@"
  ) 9</var/lib/dpkg
}

# Fetches apt's lists where there are none; that they cannot be fetched shows in what is missing then.
update_package_lists() {
  local as_root=()
  ((EUID == 0)) || as_root=(sudo)
  (
    flock 9
    apt_get update || true
  ) 9</var/lib/dpkg
}

# Closes the lock: a service that a package starts must not inherit it.
apt_get() {
  local command=$1
  shift
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$command" -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" >/dev/null 9<&-
}

cannot_install() {
  echo "${0##*/}: cannot install $1: $2" >&2
  exit 69
}
