# shellcheck shell=bash
#
# Sourced by lib/prepare-hurd: the root file system in a raw disk image $image, by debugfs and e2fsck. Their exit codes tell
# little, debugfs's nothing, so what counts is read back.
#
# A plan is a file with a line for each thing that is to be there, in the order in which it is made:
#   KIND|PATH|MODE|UID|GID|SOURCE    KIND is directory, file, symlink or nothing; SOURCE a file in new/, or a link's target

: "${image:?}" "${repaired=}"

# No text that is edited is longer.
largest_text=1048576

# number OFFSET BYTES: of the image, little-endian as the machines are that this runs on.
number() {
  od -An -tu"$2" -j"$1" -N"$2" "$image" | tr -d ' '
}

# Sets $file_system, as e2fsprogs name one inside of an image, and $super, where its superblock is. The last partition, on
# the images there are; but one that is not the only one could be anything.
find_root() {
  local entry found=0 first count
  [[ $(number 510 2) == 43605 ]] || fail 'has no partition table (MBR)'
  for entry in 446 462 478 494; do
    [[ $(number $((entry + 4)) 1) == 131 ]] || continue
    found=$((found + 1))
    first=$(number $((entry + 8)) 4)
    count=$(number $((entry + 12)) 4)
  done
  ((found)) || fail 'has no partition of type 83, so no root file system of a GNU/Hurd'
  ((found == 1)) || fail "has $found partitions of type 83, and which one is the root file system is not known"
  (($(wc -c <"$image") / 512 >= first + count)) || fail 'is shorter than its partition table says'
  file_system="$image?offset=$((first * 512))"
  partition="driver=raw,offset=$((first * 512)),size=$((count * 512)),file.driver=file,file.filename=$image"
  super=$((first * 512 + 1024))
  sectors=$count
}

# Sets $block_size and $repaired.
check_file_system() {
  local shift_
  [[ $(number $((super + 56)) 2) == 61267 ]] || fail 'has no ext2 file system in its partition of type 83'
  [[ $(number $((super + 72)) 4) == 1 ]] || fail 'has a file system that no GNU/Hurd has made (its creator is another system)'
  shift_=$(number $((super + 24)) 4)
  ((shift_ <= 6)) || fail 'has no ext2 file system in its partition of type 83'
  block_size=$((1024 << shift_))
  (($(number $((super + 4)) 4) * (block_size / 512) <= sectors)) ||
    fail 'has a file system that is larger than its partition' 'have the guest repair it'
  # It was not unmounted.
  if (($(number $((super + 58)) 2) % 2 == 0)); then repaired=yes; fi
  if (($(number $((super + 96)) 4) & 4)); then
    # e2fsck 1.47 does not find its way back into the image after it has played a journal back.
    repaired=yes
    qemu-img convert -O raw --image-opts "$partition" journalled
    repair journalled
    qemu-img convert -n -f raw --target-image-opts journalled "$partition"
    rm journalled
  fi
  repair "$file_system"
}

repair() {
  local code=0 hint
  e2fsck -fp "$1" >e2fsck.log 2>&1 || code=$?
  ((code <= 1)) || {
    hint=$(grep -v '^$' e2fsck.log | tail -n 1)
    fail "has a file system with errors that e2fsck does not repair by itself (${hint#*: })" \
      'let somebody who knows the guest run e2fsck on it'
  }
  ((code == 0)) || repaired=yes
}

# in_file_system [-w]: runs the commands of stdin.
in_file_system() {
  cat >commands
  debugfs "$@" -f commands "$file_system" >debugfs.log 2>debugfs.errors
}

# describe PATH…: a line for each that is there: PATH|KIND|MODE|UID|GID|SIZE|TARGET. The last part is not followed.
describe() {
  printf 'stat "%s"\n' "$@" | in_file_system
  awk '
    /^debugfs: stat "/ { path = substr($0, 16, length($0) - 16); kind = "" }
    path == "" { next }
    /^Inode: .* Type: / { kind = $4; mode = $6 }
    /^User: / { uid = $2; gid = $4; size = $NF; links[path] = "" }
    /^Fast link dest: "/ { links[path] = substr($0, 18, length($0) - 18) }
    kind != "" && uid != "" { found[path] = kind "|" mode "|" uid "|" gid "|" size; uid = ""; order[++n] = path }
    END { for (i = 1; i <= n; i++) print order[i] "|" found[order[i]] "|" links[order[i]] }
  ' debugfs.log
}

# kind_of PATH: directory, regular, symlink …; nothing when it is not there.
kind_of() {
  describe "$1" | cut -d '|' -f 2
}

# entries FOLDER: the names in it that are words.
entries() {
  echo "ls -p $1" | in_file_system
  awk -F / '$6 ~ /^[A-Za-z0-9._-]+$/ { print $6 }' debugfs.log
}

# fetch PATH FILE: copies a text out.
fetch() {
  local kind size
  kind=$(describe "$1")
  [[ -n $kind ]] || fail "has no $1"
  IFS='|' read -r _ kind _ _ _ size _ <<<"$kind"
  [[ $kind == regular ]] || fail "has a $kind where the file $1 should be"
  ((size <= largest_text)) || fail "has a $1 of $size bytes, which is no text of its kind"
  echo "dump $1 $2" | in_file_system
  [[ -f $2 && $(wc -c <"$2") -eq $size ]] || fail "does not give out $1: $(tail -n 1 debugfs.errors)"
  [[ $(tr -d '\000' <"$2" | wc -c) -eq $size ]] || fail "has a $1 that is not a text"
}

# plan KIND PATH [MODE UID GID SOURCE]
plan() {
  (
    IFS='|'
    echo "$*"
  ) >>plan
}

# differences PLAN: its lines that are not so yet.
differences() {
  local kind path mode uid gid source is_kind is_mode is_uid is_gid size target row
  cut -d '|' -f 2 "$1" >paths
  # shellcheck disable=SC2046 # our own paths, and words
  describe $(cat paths) >actual
  while IFS='|' read -r kind path mode uid gid source; do
    row="$kind|$path|$mode|$uid|$gid|$source"
    IFS='|' read -r _ is_kind is_mode is_uid is_gid size target <<<"$(awk -F '|' -v p="$path" '$1 == p' actual)"
    case $kind:$is_kind in
      nothing: | directory:directory) continue ;;
      symlink:symlink) [[ $target != "$source" ]] || continue ;;
      file:regular)
        if [[ $is_mode/$is_uid/$is_gid == "$mode/$uid/$gid" && $size -eq $(wc -c <"$source") ]]; then
          rm -f old/read
          echo "dump $path old/read" | in_file_system
          ! cmp -s old/read "$source" || continue
        fi
        ;;
    esac
    echo "$row"
  done <"$1"
}

# check_kinds PLAN: nothing is in the way that is not what it should be.
check_kinds() {
  local kind path is_kind
  while IFS='|' read -r kind path _; do
    is_kind=$(awk -F '|' -v p="$path" '$1 == p { print $2 }' actual)
    case $kind:$is_kind in
      *: | directory:directory | file:regular | symlink:symlink | nothing:symlink) ;;
      *) fail "has a $is_kind in the place of the $kind $path" ;;
    esac
  done <"$1"
}

# check_space PLAN: with what folders and indirect blocks may take beside.
check_space() {
  local kind source needed=16 free
  while IFS='|' read -r kind _ _ _ _ source; do
    [[ $kind != file ]] || needed=$((needed + $(wc -c <"$source") / block_size + 2))
  done <"$1"
  free=$(number $((super + 12)) 4)
  ((free >= needed)) ||
    fail "is full: the root file system has $((free * block_size / 1024)) KiB free, and this takes $((needed * block_size / 1024)) KiB" \
      'make room in the guest'
  (($(number $((super + 16)) 4) >= 16)) || fail 'is full: the root file system has no inodes left' 'make room in the guest'
}

# carry_out PLAN: debugfs writes into its current folder.
carry_out() {
  local kind path mode uid gid source
  while IFS='|' read -r kind path mode uid gid source; do
    ! grep -q "^$path|[^d]" actual || echo "rm $path"
    case $kind in
      directory) echo "mkdir $path" ;;
      file) printf 'cd %s\nwrite %s %s\n' "$(dirname "$path")" "$source" "$(basename "$path")" ;;
      symlink) printf 'cd %s\nsymlink %s %s\n' "$(dirname "$path")" "$(basename "$path")" "$source" ;;
    esac
    [[ $kind != file ]] || printf "set_inode_field $path %s\n" "mode 010$mode" "uid $uid" "gid $gid"
  done <"$1" | in_file_system -w
}
