# shellcheck shell=bash
#
# Sourced. ${contained[@]} are the words before a command that is to leave nothing running: not when it ends, nor when
# it is killed (kill -KILL -- "-$pid" of what they start), nor when the script that has started it is, by whatever signal.
#
# In a namespace of processes the kernel sees to it, whatever has made itself a session of its own. Where none can be had,
# the session and the parent's death signal do what they can. They start a session, so that a terminal's Ctrl-C comes to
# the script alone; and bash has what runs in the background ignore SIGINT, which the tests need as it was.

contained=(env --default-signal setsid setpriv --pdeathsig KILL)
namespace=(unshare --pid --fork --kill-child --mount-proc)
if "${namespace[@]}" true 2>/dev/null; then
  contained+=("${namespace[@]}")
elif "${namespace[@]}" --user --map-current-user true 2>/dev/null; then
  contained+=("${namespace[@]}" --user --map-current-user)
fi
