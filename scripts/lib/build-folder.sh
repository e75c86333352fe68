# shellcheck shell=bash
#
# Sourced. What SwiftPM builds holds the path it was built at, and is of no use in a checkout that has been moved, or in
# one whose .build a cache has restored: the compiler stops at its "module cache path" then.

# fresh_build_folder FOLDER: takes away what SwiftPM has built in FOLDER while it lay elsewhere. What else is kept there
# (guests, the engine's state) stays.
fresh_build_folder() {
  local folder=$1 built configuration path
  for built in "$folder"/*-*-*/{debug,release}; do
    [[ -d $built ]] || continue
    configuration=${built##*/}
    # The plan of the build names the module cache.
    path=$(cd "$built" && pwd -P)/ModuleCache
    if ! grep -qsF -- "\"$path\"" "$folder/$configuration.yaml"; then
      echo "$folder was built elsewhere ($configuration): building it anew" >&2
      rm -rf "$built" "${folder:?}/$configuration" "$folder/$configuration.yaml" "$folder/build.db"*
    fi
  done
}
