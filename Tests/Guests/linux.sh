# shellcheck shell=bash
#
# Sourced by the recipes of the small Linux guests, after disk.sh: Debian's kernel with the modules that QEMU's
# devices need, busybox and dropbear. Each recipe has a link to it in its folder, so that a change builds it anew.
# Expects $work, $debian (where packages are unpacked) and $root (the root file system to be).

: "${work:?}" "${debian:?}" "${root:?}"

# fetch_linux PACKAGE…: unpacks all of it, and PACKAGE…; sets $kernel to the release of the kernel.
fetch_linux() {
  need debugfs=e2fsprogs cpio=cpio depmod=kmod lz4=lz4 unxz=xz-utils
  # Debian 13 is the first whose kernel unpacks itself by zstd, not xz: nearly a second of a boot under TCG.
  use_debian trixie
  kernel=$(debian_apt apt-cache depends linux-image-amd64 | awk '$1 == "Depends:" { print $2; exit }')
  unpack "$debian" "$kernel" busybox-static dropbear-bin \
    libc6 libcrypt1 zlib1g libtomcrypt1 libtommath1 libgmp10 "$@"
  kernel=${kernel#linux-image-}
}

# add_modules LIST DIRECTORY: the kernel modules listed and what they depend on.
add_modules() {
  local list=$1 into=$2 module
  depmod -b "$debian" "$kernel"
  while read -r module; do
    modprobe -d "$debian" -S "$kernel" --show-depends "$module"
  done <"$list" | sed -n "s|^insmod $debian/\([^ ]*\).*|\1|p" | sort -u >"$work/modules"
  tar -C "$debian" -cf - -T "$work/modules" | tar -C "$into" -xf -
  find "$into/lib/modules" -name '*.xz' -exec unxz {} +
  cp "$debian/lib/modules/$kernel"/modules.{order,builtin,builtin.modinfo} "$into/lib/modules/$kernel"
  depmod -b "$into" "$kernel"
}

# add_busybox DIRECTORY: under all its names, less those that are there already.
add_busybox() {
  local into=$1 program
  mkdir -p "$into/bin"
  cp "$debian/bin/busybox" "$into/bin"
  "$debian/bin/busybox" --list-full | while read -r program; do
    mkdir -p "$into/${program%/*}"
    [[ -e $into/$program ]] || ln -s /bin/busybox "$into/$program"
  done
}

# The programs under the names they have in Debian, and the libraries the linker names for them.
add_programs() {
  local library
  mkdir -p "$root"/{lib,usr/bin,usr/sbin}
  cp "$debian/usr/sbin/dropbear" "$root/usr/sbin"
  cp "$debian/usr/bin/dropbearkey" "$root/usr/bin"
  add_busybox "$root"
  ln -s lib "$root/lib64"
  for library in ld-linux-x86-64.so.2 libc.so.6 libcrypt.so.1 libz.so.1 libtomcrypt.so.1 libtommath.so.1 libgmp.so.10; do
    cp -L "$(find "$debian" -name "$library" | head -1)" "$root/lib"
  done
}

# make_boot FILE INITRAMFS: a file system with the kernel, and INITRAMFS packed.
make_boot() {
  mkdir "$work/boot"
  cp "$debian/boot/vmlinuz-$kernel" "$work/boot/vmlinuz"
  find "$2" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$2" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --reproducible --quiet) |
    lz4 -lc9 >"$work/boot/initrd"
  make_file_system "$1" ext2 boot 32 -d "$work/boot"
}
