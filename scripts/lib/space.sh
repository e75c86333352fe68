# shellcheck shell=bash
#
# Sourced by what writes a disk into $folder, which has a function fail MESSAGE CODE.

size() {
  wc -c <"$1"
}

mib() {
  echo "$((($1 + 1048575) / 1048576)) MiB"
}

# need_space BYTES WHAT
need_space() {
  local free
  free=$(($(df -Pk "${folder:?}" | awk 'NR == 2 { print $4 }') * 1024))
  ((free >= $1)) ||
    fail "\"$folder\" has $(mib "$free") free and $2 takes $(mib "$1"); free some, or name another DISK" 75
}
