# shellcheck shell=bash
#
# Sourced by lib/prepare-hurd, after hurd-disk.sh: what a prepared GNU/Hurd has that one of Debian's has not, as lines of the
# plan.

: "${kit:?}" "${lib:?}"

# What Kit/install does in a guest that runs.
plan_kit() {
  local program
  plan directory /usr/local/lib/drover
  for program in apply agent install; do
    cp "$kit/$program" "new/$program"
    plan file "/usr/local/lib/drover/$program" 0755 0 0 "new/$program"
  done
  sh "$kit/install" --sysvinit-script >new/drover
  plan file /etc/init.d/drover 0755 0 0 new/drover
  plan directory /var/lib/drover
}

# edit PATH COMMAND…: has COMMAND make the text it gets on stdin into the new one; owner and mode stay.
edit() {
  local path=$1 new mode uid gid
  new=new/$(basename "$path")
  shift
  fetch "$path" old/text
  "$@" <old/text >"$new"
  IFS='|' read -r _ _ mode uid gid _ <<<"$(describe "$path")"
  plan file "$path" "$mode" "$uid" "$gid" "$new"
}

# What `update-rc.d drover defaults` does: a link in each runlevel, and with insserv the table by which the boot knows what
# it may start at the same time. It starts nothing that is not in the table, so the first boot could not mend that.
plan_links() {
  local level link everything script order start
  for level in 2 3 4 5; do
    entries "/etc/rc$level.d" >"links.$level"
    # One that somebody has switched off stays so.
    grep -q '^[SK][0-9][0-9]drover$' "links.$level" ||
      plan symlink "/etc/rc$level.d/S01drover" 0777 0 0 ../init.d/drover
  done
  # Without the table (and insserv) links are started in the order of their names, and drover comes before ssh.
  start=/etc/init.d/.depend.start
  [[ -n $(kind_of $start) ]] || return 0
  fetch $start old/start
  [[ -s old/start ]] || return 0
  everything=
  for script in $(awk '/^TARGETS = / { $1 = $2 = ""; print }' old/start | tr -cd 'A-Za-z0-9._ -'); do
    [[ $(kind_of "/etc/init.d/$script") == regular ]] || continue
    fetch "/etc/init.d/$script" old/script
    # shellcheck disable=SC2016 # LSB's name for all others
    if grep -Eq '^# (Required|Should)-Start:.*\$all( |	|$)' old/script; then everything="$everything $script"; fi
  done
  edit $start awk -v everything="$everything" -f "$lib/hurd-order.awk"
  # What moves to another place: "SCRIPT NUMBER".
  awk -v everything="$everything" -v moves=1 -f "$lib/hurd-order.awk" old/start >moves
  while read -r script order; do
    for level in 2 3 4 5; do
      link=$(grep -x -m 1 "S[0-9][0-9]$script" "links.$level") || continue
      if [[ $link != "S$order$script" ]]; then
        plan nothing "/etc/rc$level.d/$link"
        plan symlink "/etc/rc$level.d/S$order$script" 0777 0 0 "../init.d/$script"
      fi
    done
  done <moves
}

# GNU Mach takes the first `console=` there is.
mach_on_com0() {
  awk '
    $1 ~ /^multiboot2?$/ && $2 ~ /mach/ && ($0 !~ /[ \t]console=com0([ \t]|$)/ || gsub(/[ \t]console=/, "&") > 1) {
      gsub(/[ \t]+console=[^ \t]*/, "")
      match($0, /multiboot2?[ \t]+[^ \t]+/)
      $0 = substr($0, 1, RSTART + RLENGTH - 1) " console=com0" substr($0, RSTART + RLENGTH)
    }
    { print }
    $1 ~ /^terminal(_output)?$/ && / serial( |$)/ { has_serial = 1 }
    END {
      if (has_serial) exit
      print "\n# Drover: GRUB on the first serial port as well"
      print "if serial --unit=0 --speed=115200; then"
      print "  terminal_input console serial"
      print "  terminal_output console serial"
      print "fi"
    }
  '
}

# For the next update-grub, which sources it.
grub_defaults() {
  awk '
    { print }
    /^GRUB_CMDLINE_GNUMACH=.*console=com0/ { has_console = 1 }
    /^GRUB_TERMINAL(_OUTPUT)?=.*serial/ { has_serial = 1 }
    END {
      if (has_console && has_serial) exit
      print "\n# Drover: GNU Mach and GRUB on the first serial port"
      if (!has_console) print "GRUB_CMDLINE_GNUMACH=\"$GRUB_CMDLINE_GNUMACH console=com0\""
      if (has_serial) exit
      print "GRUB_TERMINAL=\"console serial\""
      print "GRUB_SERIAL_COMMAND=\"serial --unit=0 --speed=115200\""
    }
  '
}

# Debian has one already, on the console, whatever that is. Two would each get half of what is typed.
getty_on_console() {
  awk '
    { print }
    !/^[ \t]*#/ && /:respawn:/ && /getty/ && /[ \/](console|com0)([ \t]|$)/ { has_getty = 1 }
    END { if (!has_getty) print "com0:2345:respawn:/sbin/getty 38400 console" }
  '
}

plan_console() {
  edit /boot/grub/grub.cfg mach_on_com0
  grep -Eq '^[[:space:]]*multiboot2?[[:space:]]+[^[:space:]]*mach' new/grub.cfg ||
    fail 'has no line in /boot/grub/grub.cfg that loads GNU Mach'
  [[ -z $(kind_of /etc/default/grub) ]] || edit /etc/default/grub grub_defaults
  edit /etc/inittab getty_on_console
}
