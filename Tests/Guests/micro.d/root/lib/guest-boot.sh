# shellcheck shell=sh
#
# Sourced by what boots the small Linux guests.

load_drivers() {
  find /sys/devices -name modalias -exec cat {} + | sort -u | xargs modprobe -aq
}

# Waits up to 10 s until the command succeeds.
until_true() {
  tries=200
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    usleep 50000
  done
}

ssh_listens() {
  grep -q ':0016 00000000:0000 0A' /proc/net/tcp
}

find_devices() {
  mount -t proc proc /proc
  mount -t sysfs sys /sys
  mount -t devtmpfs dev /dev
  mkdir /dev/pts
  mount -t devpts pts /dev/pts
  mount -t tmpfs run /run

  # Entropy comes from the timer, a bit a tick, from the moment somebody waits for it. dropbear would, for a second.
  head -c 1 /dev/random >/dev/null &

  # Twice: the buses which the first round brings up have devices of their own.
  load_drivers
  load_drivers
  modprobe -a sd_mod sr_mod evdev crc32c_generic ext4 isofs
}

# QEMU's user networking gives every guest the same addresses.
start_network() {
  ifconfig lo 127.0.0.1
  ifconfig eth0 10.0.2.15 netmask 255.255.255.0 && route add default gw 10.0.2.2
}

start_ssh() {
  key=/etc/dropbear/host_key
  if [ ! -s $key ]; then
    mkdir -p /etc/dropbear
    dropbearkey -t ed25519 -f $key >/dev/null 2>&1
  fi
  dropbear -r $key
}
