import Operator
import Testing

@testable import drover

private let understood: [([String], any Command)] = [
    ([], RunCommand()),
    (["run"], RunCommand()),
    (["--", "-d", "int"], RunCommand(extraArguments: ["-d", "int"])),
    (["run", "--", "--help"], RunCommand(extraArguments: ["--help"])),
    (["run", "--help"], HelpCommand(words: ["run"])),
    (["check"], CheckCommand()),
    (["check", "--json"], CheckCommand(asJSON: true)),
    (["check", "--json", "--", "-d", "int"], CheckCommand(asJSON: true, extraArguments: ["-d", "int"])),
    (["check", "-h"], HelpCommand(words: ["check"])),
    (["seed", "-o", "x.iso"], SeedCommand(output: "x.iso")),
    (["seed", "--list"], SeedCommand(isListed: true)),
    (["seed", "--list", "-o", "-o"], SeedCommand(output: "-o", isListed: true)),
    (["seed", "--help"], HelpCommand(words: ["seed"])),
    (["monitor"], MonitorCommand()),
    (["monitor", "--qmp"], MonitorCommand(isQMP: true)),
    // What follows the first word is QEMU's, whatever it looks like.
    (["monitor", "info", "block", "-v"], MonitorCommand(command: ["info", "block", "-v"])),
    (["monitor", "x", "--qmp", "--", "-h"], MonitorCommand(command: ["x", "--qmp", "--", "-h"])),
    (["monitor", "--", "-x"], MonitorCommand(command: ["-x"])),
    (["monitor", "--help"], HelpCommand(words: ["monitor"])),
    (["console"], ConsoleCommand()),
    (["healthcheck"], HealthcheckCommand(depth: .ready)),
    (["healthcheck", "--ready"], HealthcheckCommand(depth: .ready)),
    (["healthcheck", "--timeout", "9", "--live"], HealthcheckCommand(depth: .live, timeout: 9)),
    (["healthcheck", "--timeout=9"], HealthcheckCommand(depth: .ready, timeout: 9)),
    (["healthcheck", "-h"], HelpCommand(words: ["healthcheck"])),
    (["status"], StatusCommand(asJSON: false)),
    (["status", "--json"], StatusCommand(asJSON: true)),
    (["screen"], ScreenCommand(isColoured: false, asJSON: false, follows: false)),
    (["screen", "--color", "--follow"], ScreenCommand(isColoured: true, asJSON: false, follows: true)),
    (["screen", "--json"], ScreenCommand(isColoured: false, asJSON: true, follows: false)),
    (["type", "echo", "a", "-n"], TypeCommand(presses: try! KeyPress.typing("echo a -n"))),
    (["type", "--keys", "ctrl-alt-delete"], TypeCommand(presses: try! KeyPress.named(["ctrl-alt-delete"]))),
    (["screenshot", "a.png"], ScreenshotCommand(path: "a.png")),
    (["screenshot", "-"], ScreenshotCommand(path: "-")),
    (["screenshot", "--", "-a.png"], ScreenshotCommand(path: "-a.png")),
    (["screenshot", "--help"], HelpCommand(words: ["screenshot"])),
    (["stop"], StopCommand(request: StopRequest(force: false, timeout: nil))),
    (["stop", "--force", "--timeout", "30"], StopCommand(request: StopRequest(force: true, timeout: 30))),
    (["guest", "ping"], GuestPing()),
    (["guest", "info"], GuestInfo()),
    (["guest", "set-password", "root"], GuestSetPassword(user: "root")),
    (["guest", "add-key", "root"], GuestAddKey(user: "root", file: nil)),
    (["guest", "add-key", "root", "-"], GuestAddKey(user: "root", file: nil)),
    (["guest", "add-key", "root", "a.pub"], GuestAddKey(user: "root", file: "a.pub")),
    (["guest", "--help"], HelpCommand(words: ["guest"])),
    (["guest", "add-key", "--help"], HelpCommand(words: ["guest", "add-key"])),
    (["provision"], ProvisionCommand(user: "root", timeout: 300)),
    (
        ["provision", "--user", "a", "--password-file=p=q", "--login-prompt", "-", "--timeout", "10", "--dry-run"],
        ProvisionCommand(user: "a", passwordFile: "p=q", loginPrompt: "-", timeout: 10, isDryRun: true)
    ),
    (["provision", "--help"], HelpCommand(words: ["provision"])),
    (["completion", "zsh"], CompletionCommand(shell: .zsh)),
    (["version"], VersionCommand()),
    (["--version"], VersionCommand()),
    (["version", "--help"], HelpCommand(words: ["version"])),
    (["help"], HelpCommand(words: [])),
    (["--help"], HelpCommand(words: [])),
    (["-h"], HelpCommand(words: [])),
    (["help", "environment"], HelpCommand(words: ["environment"])),
    (["help", "exit-codes"], HelpCommand(words: ["exit-codes"])),
    (["help", "guest", "ping"], HelpCommand(words: ["guest", "ping"])),
    (["help", "--help"], HelpCommand(words: ["help"])),
]

@Test func commandLinesAreUnderstood() throws {
    func isSame<Expected: Command>(_ expected: Expected, _ command: any Command) -> Bool {
        expected == command as? Expected
    }
    for (arguments, expected) in understood {
        let command = try Subcommand.parse(arguments)
        let isExpected = isSame(expected, command)
        #expect(isExpected, "\(arguments): \(command)")
    }
}

private let refused: [([String], String)] = [
    (["rum"], #"unknown subcommand "rum"; did you mean run?"#),
    (["frobnicate"], #"unknown subcommand "frobnicate"; see drover help"#),
    (["moniter"], #"unknown subcommand "moniter"; did you mean monitor?"#),
    (["\u{1b}[2J"], #"unknown subcommand "\u{1b}[2J"; see drover help"#),
    (["ping"], #"unknown subcommand "ping"; see drover help"#),
    (["type"], "type needs a text to type; write drover type [--keys] TEXT [TEXT...]"),
    (["type", "--keys", "ctrl-dleete"], #"unknown key "dleete"; did you mean delete?"#),
    (
        ["type", "schön"],
        #""ö" has no key on a US keyboard; nothing was typed: leave it out, or type what the guest's layout makes it of"#
    ),
    (["check", "--jsn"], #"unknown argument to check "--jsn"; did you mean --json?"#),
    (["check", "--json", "--json"], "--json is given twice; write it once"),
    (["check", "--json=1"], "--json takes no value; write --json alone"),
    (["seed"], "seed has nothing to do; write drover seed -o FILE, or --list"),
    (["seed", "-o"], "-o needs the name of a file; write drover seed -o FILE"),
    (["seed", "-o", ""], "-o needs the name of a file; write drover seed -o FILE"),
    (["seed", "-o=x"], #"unknown argument to seed "-o=x"; see drover help"#),
    (["seed", "--list", "--list"], "--list is given twice; write it once"),
    (["seed", "-o", "a", "-o", "a"], "-o is given twice; write it once"),
    (["seed", "x.iso"], #"unknown argument to seed "x.iso"; see drover help"#),
    (["seed", "--list", "--", "-d"], "seed takes no QEMU arguments; those are for run, check, adopt"),
    (["run", "fast"], #"unknown argument to run "fast"; see drover help"#),
    (["monitor", "--qpm"], #"unknown argument to monitor "--qpm"; did you mean --qmp?"#),
    (["console", "tty"], #"unknown argument to console "tty"; see drover help"#),
    (["healthcheck", "--live", "--ready"], "--live and --ready: --ready includes --live; write one of them"),
    (["healthcheck", "--timeout"], "--timeout needs a number of seconds; write drover healthcheck --timeout S"),
    (["healthcheck", "--timeout", "0"], #"--timeout: "0" is no time in seconds; write a whole number from 1 to 300"#),
    (
        ["healthcheck", "--timeout", "301"],
        #"--timeout: "301" is no time in seconds; write a whole number from 1 to 300"#
    ),
    (["healthcheck", "--timeout=x"], #"--timeout: "x" is no time in seconds; write a whole number from 1 to 300"#),
    (["healthcheck", "--timeout", "5", "--timeout", "6"], "--timeout is given twice; write it once"),
    (["healthcheck", "--timeout=5", "--timeout", "5"], "--timeout is given twice; write it once"),
    (["stop", "--timeout", "4"], #"--timeout: "4" is no time in seconds; write a whole number from 5 to 3600"#),
    (["screenshot"], "screenshot needs a file; write drover screenshot FILE.png|-"),
    (
        ["screenshot", "a.ppm"],
        "screenshot: the picture is a PNG, and the name must end in .png; write drover screenshot FILE.png|-"
    ),
    (["screenshot", "a.png", "b.png"], #"unknown argument to screenshot "b.png"; see drover help"#),
    (["guest"], "guest needs to know what; write one of ping, info, set-password, add-key"),
    (["guest", "pong"], #"unknown argument to guest "pong"; did you mean ping?"#),
    (["guest", "ping", "x"], #"unknown argument to guest ping "x"; see drover help"#),
    (["guest", "add-key"], "guest add-key needs a user; write drover guest add-key USER [FILE]"),
    (["guest", "set-password"], "guest set-password needs a user; write drover guest set-password USER"),
    (["provision", "--dry"], #"unknown argument to provision "--dry"; see drover help"#),
    (["provision", "--timeout", "5"], #"--timeout: "5" is no time in seconds; write a whole number from 10 to 3600"#),
    (["completion"], "completion needs a shell; write drover completion bash|zsh|fish"),
    (["completion", "zhs"], #"unknown shell "zhs"; did you mean zsh?"#),
    (["completion", "tcsh-like"], #"unknown shell "tcsh-like"; write bash, zsh or fish"#),
    (["help", "enviroment"], #"unknown help topic "enviroment"; did you mean environment?"#),
    (["help", "run", "check"], #"unknown argument to help "check"; see drover help"#),
    (["help", "guest", "pong"], #"unknown argument to help "pong"; did you mean ping?"#),
    (["version", "--", "-d"], "version takes no QEMU arguments; those are for run, check, adopt"),
]

@Test func otherCommandLinesAreRefusedWithTheNearestMatch() {
    for (arguments, message) in refused {
        #expect(throws: UsageError(message: message), "\(arguments)") { try Subcommand.parse(arguments) }
    }
}

/// However a password comes to stand on a command line.
private let indiscretions = [
    ["guest", "set-password", "root", "geheim"],
    ["guest", "set-password", "root", "-geheim"],
    ["guest", "set-password", "root", "--", "-geheim"],
    ["guest", "set-password", "--password=geheim", "root"],
    ["guest", "set-password", "root", "--password", "geheim"],
    ["provision", "--password", "geheim"],
    ["provision", "--password=geheim"],
    ["provision", "--dry-run=geheim"],
]

@Test(arguments: indiscretions)
func aPasswordIsNotRepeated(_ arguments: [String]) {
    do {
        let command = try Subcommand.parse(arguments)
        Issue.record("understood: \(command)")
    } catch {
        #expect(!error.message.contains("geheim"), "\(error.message)")
    }
}
