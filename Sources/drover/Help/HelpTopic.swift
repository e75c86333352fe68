import Basics
import Machine
import Seed

/// The pages of `drover help` that are about no subcommand.
enum HelpTopic: String, CaseIterable {
    case environment
    case stopping
    case signals
    case exitCodes = "exit-codes"
    case logs
    case guestKit = "guest-kit"

    var page: String {
        switch self {
        case .environment: Variable.helpText()
        case .stopping: Self.stoppingPage
        case .signals: Self.signalsPage
        case .exitCodes: ExitCodeTable.helpPage
        case .logs: Self.logsPage
        case .guestKit: Self.guestKitPage
        }
    }

    private static let stoppingPage = """
        How the guest is stopped

          One budget, SHUTDOWN_TIMEOUT (\(ShutdownBudget.standard) s unless set). The container
          runtime's grace period must exceed it (compose: stop_grace_period).

          A stop begins on SIGTERM, SIGINT, SIGHUP, SIGPWR, SIGRTMIN+3 or drover stop.
          It climbs a ladder: each rung is harder on the guest than the one before, and
          is climbed when that one has not brought the guest down in its share of the
          budget.

          rung 1  the guest agent shuts the guest down
                  at once, if one has been answering; else as soon as one answers,
                  whatever has been tried, unless QEMU has been told to quit
          rung 2  the ACPI power button, pressed again every 5 s
                  if no agent answers within 2 s, or nobody reads the question
                  within 0.25 s; else when the agent refuses, or after a quarter of
                  the budget
          rung 3  QEMU quits and closes the images; the guest is cut off
                  10 s before the end of the budget, or after half of it when that is
                  later; at once on a second SIGTERM or SIGINT that comes a second
                  or more after the first, on SIGQUIT, or on drover stop --force
          rung 4  SIGKILL
                  5 s after rung 3

          A guest that says on its console that it has halted ("System halted", "now in
          tight loop") is down: QEMU quits at once, and that is a clean stop. While the
          console is silent, the text screen is read once a second for the same words.
          A guest that is paused is resumed first. The log says which rung ended it.

        """

    private static let signalsPage = """
        What each signal does to drover run

          SIGTERM SIGINT SIGRTMIN+3      stop the guest; a second one does not wait for
                                         it (rung 3 of drover help stopping), unless it
                                         comes within a second: then it is the same one
          SIGHUP SIGPWR                  stop the guest
          SIGQUIT                        stop without waiting for the guest (rung 3)
          SIGCHLD                        reap ended processes
          SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGSEGV SIGSYS
                                         not blocked: a fault of drover itself ends it
          SIGKILL SIGSTOP                as the kernel does
          all others                     nothing

          QEMU is started with SIGTERM, SIGINT and SIGHUP blocked: one that is sent to
          every process of the container stops the guest as it should.

          See also: drover help stopping

        """

    private static let logsPage = """
        Logs

          Everything goes to stdout as it happens. LOG_FORMAT=text (the default) writes
          "SOURCE: MESSAGE", with the level in between if it is not info:

            drover   drover's own messages, at LOG_LEVEL and above
            qemu     what QEMU itself says
            console  the guest's first serial port, unless CONSOLE_LOG=off
            audit    every command from qmp.sock that is not a query, with the
                     client's pid and uid (of a client that presses keys, once a
                     minute), and what QMP_POLICY refused: of that, and of clients
                     that are turned away or dropped, twenty lines a minute, and
                     how many more there were

          LOG_FORMAT=json writes one object per line: level, message, source, time.
          Escape sequences and control characters are removed from console lines, which
          are cut at 4096 bytes. Of empty lines in a row three are shown; how many more
          there were is told before the next line, and every second while they go on:
          "… 12 more empty lines". If the reader of stdout is too slow, up to 1 MiB
          waits; beyond that the oldest lines are dropped, and their number is logged.

          "rung 1" to "rung 4" are the steps of a stop (drover help stopping); the
          "seed" is the CD with the guest's passwords and keys (drover help seed).

        """

    private static let guestKitPage = """
        The guest kit

          For guests with neither cloud-init nor qemu-ga, above all GNU/Hurd: two
          programs in drover/kit on every seed, the CD with the guest's credentials.

            apply  sets the seed's passwords, keys, user and host name at boot, when
                   they have changed
            agent  answers drover on the second serial port, and says so: a clean stop
                   without the ACPI button, passwords, keys (needs perl)

          The guest gets the CD when there is a password or a key for it, or with
          SEED=on. Then, as root, on Linux:

            \(GuestKit.linuxInstallation)

          and on GNU/Hurd (with /dev/hd2 where there is no /dev/cd0):

            \(GuestKit.hurdInstallation)

          The last line is "drover-kit: installed". If the guest has a login prompt on
          its first serial port, drover provision does all of that; if it has one on its
          text screen, drover provision --screen.

          To take it out again, as root:

            sh /usr/local/lib/drover/install --uninstall

        """
}
