# shellcheck shell=bash
#
# Sourced. grant UID r|rw FILE: lets the container's user UID read, or read and write, a file of the host, and as few
# others as can be. Returns 1 when only a mode for everybody would do, which it then has.
grant() {
  local uid=$1 permission=$2 file=$3
  if ((EUID == 0)); then
    chown "$uid" "$file"
  elif ((EUID != uid)) && ! setfacl -m "u:$uid:$permission" "$file" 2>/dev/null; then
    chmod "a+$permission" "$file"
    return 1
  fi
}

# is_uid TEXT
is_uid() {
  [[ $1 =~ ^[0-9]{1,10}$ ]]
}
