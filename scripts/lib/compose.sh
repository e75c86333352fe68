# shellcheck shell=bash
#
# Sourced by scripts that work with the compose files of the repository at $top, and set $is_dry to show commands only.

env=${top:?}/compose/.env
root=$top

# setting NAME DEFAULT: what Compose takes it for.
setting() {
  local value
  value=$(sed -n "s/^$1=//p" "$env" 2>/dev/null | tail -n 1)
  echo "${value:-$2}"
}

# run COMMAND…: as one could type it, in the repository.
run() {
  local shown
  shown=$(sed -E "s/'([A-Za-z0-9_.,:\/=+-]+)'/\1/g" <<<"${*@Q}")
  echo "+ ${shown//"$root/"/}"
  [[ -n ${is_dry-} ]] || (cd "$top" && "$@")
}

# from_compose PATH: one that is seen from there.
from_compose() {
  if [[ $1 == /* ]]; then echo "$1"; else realpath -m "$top/compose/$1"; fi
}

# have_folder DIRECTORY: that it is there, and the user's ($user, uid:gid).
have_folder() {
  [[ -d $1 ]] || run mkdir -p "$1"
  [[ -n ${is_dry-} || $EUID -ne 0 || $(stat -c %u "$1") -ne 0 ]] || run chown "${user:?}" "$1"
}
