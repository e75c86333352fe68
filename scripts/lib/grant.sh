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

# can_read UID FILE: whether it is the user's, everybody's, or has an ACL entry for the user. As root it could be tried; others
# can only look.
can_read() {
  local owner mode
  read -r owner mode < <(stat -L -c '%u %a' "$2" 2>/dev/null || stat -L -f '%u %Lp' "$2")
  mode=000$mode
  if ((owner == $1)); then ((${mode: -3:1} & 4)); return; fi
  ((${mode: -1} & 4)) || getfacl -np "$2" 2>/dev/null | grep -q "^user:$1:r"
}
