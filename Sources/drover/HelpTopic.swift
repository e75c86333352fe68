import Basics
import Machine
import Seed

/// The pages of `drover help`.
enum HelpTopic: String, CaseIterable {
    case overview
    case run
    case check
    case seed
    case monitor
    case console
    case healthcheck
    case status
    case screenshot
    case stop
    case guest
    case provision
    case version
    case help
    case environment
    case stopping
    case signals
    case exitCodes = "exit-codes"
    case logs
    case guestKit = "guest-kit"

    var text: String {
        switch self {
        case .overview, .help: Self.overviewText
        case .run: Self.runText
        case .check: Self.checkText
        case .seed: Self.seedText
        case .monitor: Self.monitorText
        case .console: Self.consoleText
        case .healthcheck: Self.healthcheckText
        case .status: Self.statusText
        case .screenshot: Self.screenshotText
        case .stop: Self.stopText
        case .guest: Self.guestText
        case .provision: Self.provisionText
        case .version: "drover version\n\n  Prints the version of drover.\n"
        case .environment: Variable.helpText()
        case .stopping: Self.stoppingText
        case .signals: Self.signalsText
        case .exitCodes: Self.exitCodesText
        case .logs: Self.logsText
        case .guestKit: Self.guestKitText
        }
    }

    private static let overviewText = """
        drover - PID 1 for a virtual machine in a container

        usage: drover [run] [-- QEMU-ARG...]
               drover check [--json] [-- QEMU-ARG...]
               drover seed [-o FILE] [--list]
               drover monitor | console | healthcheck | status | screenshot | stop
               drover guest ping | info | set-password | add-key
               drover provision
               drover version
               drover help [TOPIC]

          run      check everything, start the guest, stay until it ends (the default)
          check    print what run would do, and every fault, without starting anything
          seed     write the CD that brings the guest its credentials

        For a run that is under way, in its container (docker exec -it NAME drover ...):

          monitor      QEMU's monitor: a prompt, a command, or lines of standard input
          console      the guest's serial console
          healthcheck  whether the guest lives, and is ready
          status       what PID 1 knows of the run
          screenshot   the guest's screen as a PNG file
          stop         stop the guest, and wait for the end of the run
          guest        ask the agent in the guest: ping, info, passwords, SSH keys
          provision    install the guest kit over the serial console

          version  print the version
          help     print a topic: environment, stopping, signals, exit-codes, logs,
                   guest-kit, or a subcommand's name

        All configuration is environment variables: drover help environment

        """

    private static let runText = """
        drover run [-- QEMU-ARG...]

          Checks the configuration and the host, starts QEMU and stays: the guest's
          console goes to stdout, SIGTERM stops the guest cleanly. What follows -- is
          appended to QEMU's arguments, as QEMU_EXTRA_ARGS is.

          See also: drover help environment, stopping, exit-codes

        """

    private static let checkText = """
        drover check [--json] [-- QEMU-ARG...]

          Prints every variable with its value and where the value comes from (set,
          default, probed), what was found on the host, and QEMU's arguments. Starts
          and changes nothing. Exits as run would if there are faults, else with 0.

          --json  one JSON object instead of text

        """

    private static let seedText = """
        drover seed [-o FILE] [--list]

          Makes the CD that run would give the guest (label cidata): the documents of
          cloud-init's NoCloud, and the folder drover/ for guests without cloud-init.
          Passwords are on it as hashes, with another salt each time. Starts nothing.

          -o FILE  write it to FILE, for its owner alone (0600); FILE must not exist
          --list   print the name and size of each file on it

          See also: drover help environment

        """

    private static let stoppingText = """
        How the guest is stopped

          One budget, SHUTDOWN_TIMEOUT (90 s unless set). The container runtime's grace
          period must exceed it (compose: stop_grace_period).

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

    private static let signalsText = """
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

    private static let exitCodesText = """
        Exit codes

            0  the guest powered itself off, or was stopped cleanly
           64  usage: unknown subcommand or option
           69  QEMU or a needed file is not there
           70  QEMU failed: non-zero exit or killed by a signal
           75  try again: the disk or a port is in use, memory is short
           77  not permitted: a file or device cannot be read or written by this uid
           78  configuration: one line per fault on stderr
          124  the guest did not come down by itself in the budget

        Those of monitor, console, status, screenshot, stop, guest and provision

            0  done
            1  the answer is no: refused by QEMU, PID 1 or the guest
           64  usage
           69  PID 1 is not there: no socket, or nobody listens
           70  the connection broke, or what came is not QMP
           75  the deadline passed
           77  not permitted: the socket or a file is not for this uid

        healthcheck: 0 or 1, and 64. A signal that ends a client at a terminal: 128 and
        its number.

        """

    private static let logsText = """
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

    private static let guestKitText = """
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
