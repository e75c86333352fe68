# shellcheck shell=bash
#
# Sourced, after packages.sh. Where Debian's packages are to be had: where this machine's own apt gets them, so that
# whoever has a mirror uses it; or what DROVER_DEBIAN_ARCHIVE and DROVER_DEBIAN_SECURITY_ARCHIVE say.

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Prints the address of Debian's archive, and in a second line that of its security updates, where there is one.
debian_archives() {
  if [[ -n ${DROVER_DEBIAN_ARCHIVE-} ]]; then
    printf '%s\n' "$DROVER_DEBIAN_ARCHIVE" ${DROVER_DEBIAN_SECURITY_ARCHIVE:+"$DROVER_DEBIAN_SECURITY_ARCHIVE"}
    return
  fi
  need apt-get=apt
  local archive
  archive=$(configured_archive Debian)
  if [[ -z $archive ]]; then
    # Only the lists that apt has fetched say whose they are.
    update_package_lists
    archive=$(configured_archive Debian)
  fi
  if [[ -z $archive ]]; then
    echo "${0##*/}: this machine's apt has no archive of Debian; name one: DROVER_DEBIAN_ARCHIVE=http://…/debian" >&2
    exit 69
  fi
  printf '%s\n' "$archive"
  configured_archive Debian-Security
}

# configured_archive LABEL: the address of the first archive of that label, which Debian gives to its archives.
configured_archive() {
  # shellcheck disable=SC2016 # apt's variables
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F '|' -v label="$1" '$1 == "Debian" && $2 == label && !found { sub("/$", "", $3); print $3; found = 1 }'
}

# debian_sources SUITE: lines of a sources.list.
debian_sources() {
  local suite=$1 archives
  archives=$(debian_archives)
  mapfile -t archives <<<"$archives"
  echo "deb [signed-by=$debian_keyring] ${archives[0]} $suite main"
  [[ -z ${archives[1]-} ]] || echo "deb [signed-by=$debian_keyring] ${archives[1]} $suite-security main"
}
