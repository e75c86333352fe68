# Puts drover, which waits for nothing of its runlevels and comes before ssh, into insserv's table /etc/init.d/.depend.start.
# everything: the scripts that come after all others. With moves=1 prints "SCRIPT NUMBER" for each whose links change their
# number, which is the length of the longest way to it.
#
#   TARGETS = rsyslog ssh
#   ssh: rsyslog

function measure(length_of,    round, i, n, parts, target) {
  for (target in targets) length_of[target] = 1
  # A table with a circle in it comes to an end, too.
  for (round = 0; round <= count; round++)
    for (target in rules) {
      n = split(rules[target], parts, " ")
      for (i = 1; i <= n; i++)
        if (parts[i] in targets && length_of[target] <= length_of[parts[i]] && length_of[target] < 99)
          length_of[target] = length_of[parts[i]] + 1
    }
}

function comes_after_drover(target) {
  return target == "ssh" || index(" " everything " ", " " target " ")
}

{ lines[++last] = $0 }

/^TARGETS = / {
  count = split(substr($0, 11), names, " ")
  for (i = 1; i <= count; i++) targets[names[i]]
}

/^[^ ]+:/ {
  name = substr($1, 1, length($1) - 1)
  rules[name] = substr($0, length($1) + 2)
}

END {
  is_new = !("drover" in targets)
  measure(before)
  if (is_new) {
    targets["drover"]
    for (name in targets)
      if (name != "drover" && comes_after_drover(name)) {
        added[name]
        rules[name] = rules[name] " drover"
      }
  }
  measure(after)
  if (moves) {
    for (name in before) if (before[name] != after[name]) printf "%s %02d\n", name, after[name]
    exit
  }
  for (i = 1; i <= last; i++) {
    name = lines[i]
    sub(/:.*/, "", name)
    if (is_new && lines[i] ~ /^TARGETS = /) sub(/^TARGETS =/, "TARGETS = drover", lines[i])
    else if (name in added) {
      lines[i] = lines[i] " drover"
      delete added[name]
    }
    print lines[i]
  }
  for (i = 1; i <= count; i++) if (names[i] in added) print names[i] ": drover"
}
