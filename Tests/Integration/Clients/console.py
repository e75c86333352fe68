"""An operator at a terminal, by pexpect: console.py DROVER RUNTIME_DIR PASSWORD.

Attaches to the console of the guest micro, logs in as root, runs a command, and detaches with Ctrl-]; the terminal must
be as it was before. What was seen goes to stderr.
"""

import sys

import pexpect

drover, directory, password = sys.argv[1:]
shell = pexpect.spawn(
    "/bin/sh", ["-i"], timeout=200, encoding="utf-8", env={"PS1": "", "PATH": "/usr/bin:/bin", "DROVER_RUNTIME_DIR": directory}
)
shell.logfile_read = sys.stderr


def settings() -> str:
    shell.sendline("echo settings=$(stty -g)=")
    shell.expect(r"settings=([0-9a-f:]+)=")
    return shell.match.group(1)


def dialogue(*steps: tuple[str, str]) -> None:
    for prompt, answer in steps:
        shell.expect_exact(prompt)
        shell.send(answer)


before = settings()
shell.sendline(f"'{drover}' console")
dialogue(
    ("Ctrl-] detaches", ""),
    ("micro: ready", "\r"),
    ("login: ", "root\r"),
    ("assword: ", password + "\r"),
    ("# ", "echo answer-$((6 * 7))-\r"),
    ("answer-42-", "exit\r"),
    ("login: ", "\x1d"),
)
after = settings()
assert before == after, f"{before} became {after}"
shell.sendline("echo back-$((40 + 2))")
shell.expect_exact("back-42")
print("done")
