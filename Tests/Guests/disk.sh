# shellcheck shell=bash
#
# Sourced by the recipes beside it, after packages.sh: fetches packages of Debian and puts partitions together to a disk that
# GRUB boots. Needs neither root nor mounts. Expects $cache (a folder kept between builds) and $work (a folder
# thrown away afterwards).

: "${cache:?}" "${work:?}"

# shellcheck source=scripts/lib/debian.sh
. ../../scripts/lib/debian.sh

# Files and file systems carry this date, so that a build repeats as far as the packages do.
export SOURCE_DATE_EPOCH=1700000000 E2FSPROGS_FAKE_TIME=1700000000

need_disk_tools() {
  need apt-get=apt dpkg-deb=dpkg gpgv=gpgv mke2fs=e2fsprogs grub-mkimage=grub-common sfdisk=fdisk qemu-img=qemu-utils
  need_package debian-archive-keyring grub-pc-bin
}

# use_debian SUITE: guests come from a release of their recipe's choice, whatever the host runs. So they have an apt of
# their own beside the host's: own sources, lists and archives, Debian's signatures, the host's mirror and proxy.
debian_apt() {
  local tool=$1
  shift
  "$tool" -c "$apt/apt.conf" -q "$@" </dev/null
}

use_debian() {
  local suite=$1
  apt=$cache/apt/$suite
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  debian_sources "$suite" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<EOF
Dir::State "$apt";
Dir::State::status "/dev/null";
Dir::Cache "$apt";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Architecture "amd64";
APT::Sandbox::User "root";
Acquire::Languages "none";
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::CNF;
EOF
  debian_apt apt-get update
}

# unpack DIRECTORY PACKAGE…: downloads the packages and extracts them, with /bin, /sbin and /lib merged into /usr.
unpack() {
  local directory=$1 deb
  shift
  mkdir -p "$work/debs" "$directory"/usr/{bin,sbin,lib}
  ln -s usr/bin usr/sbin usr/lib "$directory"
  (cd "$work/debs" && debian_apt apt-get download "$@")
  for deb in "$work"/debs/*.deb; do
    dpkg-deb -x "$deb" "$directory"
    rm "$deb"
  done
}

# make_file_system FILE TYPE LABEL MIB [MKE2FS-OPTION…]
make_file_system() {
  local file=$1 type=$2 label=$3 mib=$4
  shift 4
  mke2fs -q -t "$type" -L "$label" -U 00000000-0000-4000-8000-000000000000 \
    -E root_owner=0:0,hash_seed=00000000-0000-4000-8000-000000000000,nodiscard "$@" "$file" "${mib}m" >/dev/null
}

# make_disk OUTPUT GRUB-CONFIGURATION GRUB-MODULES PARTITION…: a qcow2 with an MBR, on which GRUB (in the gap before
# the first partition, with its configuration inside) boots from the first partition.
make_disk() {
  local output=$1 configuration=$2 modules=$3 raw=$work/disk.raw partition start=1 mib table
  local grub=/usr/lib/grub/i386-pc
  shift 3
  table=$'label: dos\nlabel-id: 0x44524f56'
  # shellcheck disable=SC2086 # a list of words
  grub-mkimage -O i386-pc -p '(,msdos1)/' -c "$configuration" -o "$work/core.img" biosdisk part_msdos ext2 $modules

  for partition in "$@"; do
    mib=$(($(stat -c %s "$partition") >> 20))
    truncate -s "$((start + mib))M" "$raw"
    dd if="$partition" of="$raw" bs=1M seek="$start" conv=notrunc,sparse status=none
    table+=$'\n'"start=${start}MiB, size=${mib}MiB, type=83"
    start=$((start + mib))
  done
  sfdisk -q --no-tell-kernel --wipe never --wipe-partitions never "$raw" <<<"$table" >/dev/null
  # boot.img reads the core from sector 1 on; the partition table follows its 440 bytes of code.
  dd if="$grub/boot.img" of="$raw" bs=440 count=1 conv=notrunc status=none
  dd if="$work/core.img" of="$raw" bs=512 seek=1 conv=notrunc status=none
  qemu-img convert -f raw -O qcow2 "$raw" "$output"
}
