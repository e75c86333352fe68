# completion.zsh SCRIPT LINE: what zsh offers at the end of LINE after reading SCRIPT, one a line. Run by zsh -f.
zmodload zsh/zpty
zpty shell zsh -f -i
print -r -- '
PROMPT=
autoload -Uz compinit && compinit -D -u
bindkey "^M" undefined
bindkey "^J" undefined
bindkey "^I" complete-word
zstyle ":completion:*" insert-tab false
mark() { print -r -- "=====" }
compprefuncs=(mark)
comppostfuncs=(mark exit)
# All that is offered goes through here.
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a offered
    builtin compadd -A offered "$@"
    (($#offered)) && print -rl -- "offered:"$^offered
}
source '"${(q)1}"'
print ready' >"$1.rc"
zpty -w shell "source ${(q):-$1.rc}"
while zpty -r shell line && [[ $line != ready* ]]; do :; done
zpty -w -n shell "$2"$'\t'
marks=0
while ((marks < 2)) && zpty -r shell line; do
    [[ $line == *=====* ]] && ((marks += 1))
    [[ $line == *offered:* ]] && print -r -- "${${line#*offered:}%%[$'\r\n']*}"
done
exit 0
