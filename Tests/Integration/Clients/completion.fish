# completion.fish SCRIPT LINE: what fish offers at the end of LINE after reading SCRIPT, one a line, with descriptions.
source $argv[1]
complete -C $argv[2]
