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

          A stop begins on SIGTERM, SIGINT, SIGHUP, SIGPWR or drover stop.

          rung 1  the guest agent shuts the guest down; first, when it answers
          rung 2  the ACPI power button, pressed again every 5 s; first, when no agent
                  answers, else when it refuses or a quarter of the budget has gone
          rung 3  QEMU quits and closes the images; the guest is cut off
                  10 s before the end of the budget, or after half of it when that is
                  later; at once on a second SIGTERM or SIGINT, on SIGQUIT, or on
                  drover stop --force
          rung 4  SIGKILL
                  5 s after rung 3

          A guest that says on its console that it has halted ("System halted", "now in
          tight loop") needs no more: QEMU quits at once, and that is a clean stop.
          A guest that is paused is resumed first. The log says which rung it was.

        """

    private static let signalsPage = """
        What each signal does to drover run

          SIGTERM SIGINT                 stop the guest; a second one goes to rung 3
          SIGHUP SIGPWR                  stop the guest
          SIGQUIT                        rung 3 at once
          SIGCHLD                        collect ended children
          SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGSEGV SIGSYS
                                         not blocked: a fault of drover itself ends it
          SIGKILL SIGSTOP                as the kernel does
          all others                     nothing

          See also: drover help stopping

        """

    private static let logsPage = """
        Logs

          Everything goes to stdout as it happens. LOG_FORMAT=text (the default) writes
          "SOURCE: MESSAGE", with the level in between when it is not info:

            drover   drover's own messages, at LOG_LEVEL and above
            qemu     what QEMU itself says
            console  the guest's first serial port, unless CONSOLE_LOG=off
            audit    every command of a client of qmp.sock that is no query, with the
                     client's pid and uid, and what QMP_POLICY refused

          LOG_FORMAT=json writes one object per line: level, message, source, time.
          Escape sequences and control characters are removed from console lines, which
          are cut at 4096 bytes. When the reader of stdout is too slow, 1 MiB waits;
          then the oldest lines go, and their number is logged.

        """

    private static let guestKitPage = """
        The guest kit

          For guests with neither cloud-init nor qemu-ga, GNU/Hurd first: two programs
          that are on every seed CD, in drover/kit.

            apply  sets passwords, keys, user and host name of the seed, at every boot
                   when they have changed
            agent  answers drover on the second serial port: a clean stop without the
                   ACPI button, passwords, keys (needs perl)

          The guest must have the CD, as it has with a password or a key, or with
          SEED=on. Then, as root, on Linux:

            \(GuestKit.linuxInstallation)

          and on GNU/Hurd (the CD is /dev/hd2 where /dev/cd0 is not there):

            \(GuestKit.hurdInstallation)

          The last line is "drover-kit: installed". Where the guest has a login prompt
          on its first serial port, drover provision does all that.

          To take it out again, as root:

            sh /usr/local/lib/drover/install --uninstall

        """
}
