extension HelpTopic {
    static let monitorText = """
        drover monitor [--qmp] [COMMAND...]

          With a command, runs it, prints the answer and exits. Without one, a prompt;
          or, when standard input is no terminal, a line after the other. Exits with 1
          when QEMU or PID 1 has refused a command.

          --qmp  QMP instead of the human monitor: a line is a JSON object, or a
                 command's name; what is printed is the answer's JSON

          Keys: the arrows, Home, End, Ctrl-A -E -U -W -K; Tab completes a command;
          Ctrl-C clears the line, or ends the waiting for an answer; Ctrl-D leaves.
          Events are shown as they come, from a pipe on standard error. What may be
          asked depends on QMP_POLICY; everything that changes something is logged.

          drover monitor info block
          drover monitor --qmp query-status
          echo '{"execute": "query-block"}' | drover monitor --qmp

        """

    static let consoleText = """
        drover console

          Attaches this terminal to the guest's first serial port, after the last 16 KiB
          that the guest has written. Ctrl-] detaches; the guest does not notice. Up
          to 16 terminals may be attached at once.

          Without a terminal: standard input goes to the guest, what the guest writes to
          standard output. The end of the input does not end it, as the answer is still
          to come: it stays until the run ends, its reader has gone or a signal comes.

          (echo root; sleep 5) | timeout 10 drover console

        """

    static let healthcheckText = """
        drover healthcheck [--live|--ready] [--timeout S]

          Exits with 0 or 1, and one line that says what was asked and what came back.

          --live       PID 1 answers, QEMU's main loop answers, and the machine runs or
                       was paused
          --ready      and the guest itself answers, in the way READY_CHECK says (the
                       default). A TCP connection alone is no answer: QEMU takes it.
          --timeout S  for everything together, 1 to 300 seconds; 5 unless given

          HEALTHCHECK --start-period=10m CMD ["drover", "healthcheck"]

        """

    static let statusText = """
        drover status [--json]

          Prints the state of the run and since when, the accelerator and why, QEMU's
          version and pid, resets by the guest, forwarded ports, what ready means,
          whether the agent answers, a stop under way, and how the last run ended.

          --json  one JSON object instead of text

        """

    static let screenshotText = """
        drover screenshot FILE.png|-

          Writes the guest's screen as a PNG to FILE.png, which is replaced, or to
          standard output. A machine without a display has none.

          docker exec NAME drover screenshot - > screen.png

        """

    static let stopText = """
        drover stop [--force] [--timeout S]

          Asks PID 1 to stop the guest as SIGTERM does, waits for the end of the run and
          says how the guest went down. The container ends with it; a restart policy may
          start it again.

          --force      QEMU quits at once, and the guest is cut off
          --timeout S  instead of SHUTDOWN_TIMEOUT, 5 to 3600 seconds

          See also: drover help stopping

        """

    static let guestText = """
        drover guest ping
        drover guest info
        drover guest set-password USER
        drover guest add-key USER [FILE]

          Asks the agent in the guest (GUEST_AGENT).

          ping          whether it answers
          info          its version and commands
          set-password  reads the password from standard input; from a terminal twice,
                        and it is not shown
          add-key       adds the SSH public keys in FILE, or on standard input, to the
                        user's authorized_keys

          docker exec -i NAME drover guest add-key root < ~/.ssh/id_ed25519.pub

        """

    static let provisionText = """
        drover provision [OPTION...]

          Installs the guest kit over the guest's serial console: waits for a login
          prompt, logs in, runs the installation from the seed CD, logs out, and waits
          for the guest agent to answer. When it answers from the first, nothing is
          done. On failure the last lines of the console are printed.

          --user NAME             who logs in, with uid 0; root unless given
          --password-file FILE    with the user's password; none unless given
          --login-prompt TEXT     how the guest's login prompt ends, besides "login: "
                                  and the Hurd's "login> "
          --password-prompt TEXT  the same for the password, besides "Password: "
          --timeout S             until it is installed, 10 to 3600 seconds; 300
                                  unless given
          --dry-run               print the dialogue, and connect to nothing

          See also: drover help guest-kit

        """
}
