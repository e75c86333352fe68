# completion.bash SCRIPT LINE: what bash offers at the end of LINE after reading SCRIPT, one a line.
# shellcheck source=/dev/null
. "$1"
# As readline cuts it: = is a word of its own.
read -ra COMP_WORDS <<<"${2//=/ = }"
[[ $2 != *[\ =] ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
registered=$(complete -p drover)
[[ $registered == 'complete -F _drover drover' ]] || exit 1
_drover
printf '%s\n' "${COMPREPLY[@]}"
