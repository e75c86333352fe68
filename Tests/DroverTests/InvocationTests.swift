import Operator
import Testing

@testable import drover

private let understood: [([String], Invocation)] = [
    ([], .run(extraArguments: [])),
    (["run"], .run(extraArguments: [])),
    (["--", "-d", "int"], .run(extraArguments: ["-d", "int"])),
    (["run", "--", "--help"], .run(extraArguments: ["--help"])),
    (["run", "--help"], .help(.run)),
    (["check"], .check(asJSON: false, extraArguments: [])),
    (["check", "--json"], .check(asJSON: true, extraArguments: [])),
    (["check", "--json", "--", "-d", "int"], .check(asJSON: true, extraArguments: ["-d", "int"])),
    (["check", "-h"], .help(.check)),
    (["seed", "-o", "x.iso"], .seed(output: "x.iso", isListed: false)),
    (["seed", "--list"], .seed(output: nil, isListed: true)),
    (["seed", "--list", "-o", "-o"], .seed(output: "-o", isListed: true)),
    (["seed", "--help"], .help(.seed)),
    (["monitor"], .client(.monitor(command: [], isQMP: false))),
    (["monitor", "--qmp"], .client(.monitor(command: [], isQMP: true))),
    // What follows the first word is QEMU's, whatever it looks like.
    (["monitor", "info", "block", "-v"], .client(.monitor(command: ["info", "block", "-v"], isQMP: false))),
    (["monitor", "x", "--qmp", "--", "-h"], .client(.monitor(command: ["x", "--qmp", "--", "-h"], isQMP: false))),
    (["monitor", "--help"], .help(.monitor)),
    (["console"], .client(.console)),
    (["healthcheck"], .client(.healthcheck(.ready, timeout: 5))),
    (["healthcheck", "--ready"], .client(.healthcheck(.ready, timeout: 5))),
    (["healthcheck", "--timeout", "9", "--live"], .client(.healthcheck(.live, timeout: 9))),
    (["healthcheck", "-h"], .help(.healthcheck)),
    (["status"], .client(.status(asJSON: false))),
    (["status", "--json"], .client(.status(asJSON: true))),
    (["screenshot", "a.png"], .client(.screenshot(path: "a.png"))),
    (["screenshot", "-"], .client(.screenshot(path: "-"))),
    (["screenshot", "--help"], .help(.screenshot)),
    (["stop"], .client(.stop(StopRequest(force: false, timeout: nil)))),
    (["stop", "--force", "--timeout", "30"], .client(.stop(StopRequest(force: true, timeout: 30)))),
    (["guest", "ping"], .client(.guest(.ping))),
    (["guest", "info"], .client(.guest(.info))),
    (["guest", "set-password", "root"], .client(.guest(.setPassword(user: "root")))),
    (["guest", "add-key", "root"], .client(.guest(.addKey(user: "root", file: nil)))),
    (["guest", "add-key", "root", "-"], .client(.guest(.addKey(user: "root", file: nil)))),
    (["guest", "add-key", "root", "a.pub"], .client(.guest(.addKey(user: "root", file: "a.pub")))),
    (["guest", "--help"], .help(.guest)),
    (["provision", "--help"], .help(.provision)),
    (["version"], .version),
    (["--version"], .version),
    (["version", "--help"], .help(.version)),
    (["help"], .help(.overview)),
    (["--help"], .help(.overview)),
    (["-h"], .help(.overview)),
    (["help", "environment"], .help(.environment)),
    (["help", "exit-codes"], .help(.exitCodes)),
    (["help", "--help"], .help(.help)),
]

@Test func commandLinesAreUnderstood() throws {
    for (arguments, invocation) in understood {
        #expect(try Invocation(arguments) == invocation, "\(arguments)")
    }
}

private let refused: [([String], String)] = [
    (["rum"], #"unknown subcommand "rum"; did you mean run?"#),
    (["frobnicate"], #"unknown subcommand "frobnicate"; see drover help"#),
    (["check", "--jsn"], #"unknown argument to check "--jsn"; did you mean --json?"#),
    (["check", "--json", "--json"], #"unknown argument to check "--json"; did you mean --json?"#),
    (["seed"], "seed has nothing to do; write drover seed -o FILE, or --list"),
    (["seed", "-o"], "-o needs the name of a file; write drover seed -o FILE"),
    (["seed", "--list", "--list"], #"unknown argument to seed "--list"; did you mean --list?"#),
    (["seed", "x.iso"], #"unknown argument to seed "x.iso"; see drover help"#),
    (["seed", "--list", "--", "-d"], "seed takes no QEMU arguments; only run and check do"),
    (["run", "fast"], #"unknown argument to run "fast"; see drover help"#),
    (["moniter"], #"unknown subcommand "moniter"; did you mean monitor?"#),
    (["monitor", "--qpm"], #"unknown argument to monitor "--qpm"; did you mean --qmp?"#),
    (["console", "tty"], #"unknown argument to console "tty"; see drover help"#),
    (["healthcheck", "--live", "--ready"], "--live and --ready: ready is live and more; write one of them"),
    (["healthcheck", "--timeout"], "--timeout needs a value; see drover help healthcheck"),
    (
        ["healthcheck", "--timeout", "0"],
        #"--timeout: "0" is no time in seconds; write a whole number from 1 to 300"#
    ),
    (
        ["healthcheck", "--timeout", "5", "--timeout", "6"],
        #"unknown argument to healthcheck "--timeout"; did you mean --timeout?"#
    ),
    (["stop", "--timeout", "4"], #"--timeout: "4" is no time in seconds; write a whole number from 5 to 3600"#),
    (["screenshot"], "screenshot needs a file; write drover screenshot FILE.png, or -"),
    (
        ["screenshot", "a.ppm"],
        "screenshot: the picture is a PNG, and the name must end in .png; write drover screenshot FILE.png, or -"
    ),
    (["screenshot", "a.png", "b.png"], #"unknown argument to screenshot "b.png"; see drover help"#),
    (["guest"], "guest needs to know what; write one of ping, info, set-password, add-key"),
    (["guest", "pong"], #"unknown argument to guest "pong"; did you mean ping?"#),
    (["guest", "ping", "x"], #"unknown argument to guest ping "x"; see drover help"#),
    (["guest", "add-key"], "add-key needs a user; write drover guest add-key USER"),
    (
        ["guest", "set-password", "root", "geheim"],
        "a password does not belong on the command line: it is read from standard input; write drover guest set-password USER"
    ),
    (["provision", "--dry"], #"unknown argument to provision "--dry"; see drover help"#),
    (["provision", "--password"], #"unknown argument to provision "--password"; see drover help"#),
    (["provision", "--timeout", "5"], #"--timeout: "5" is no time in seconds; write a whole number from 10 to 3600"#),
    (["provision", "geheim"], #"unknown argument to provision "geheim"; see drover help"#),
    (["help", "enviroment"], #"unknown help topic "enviroment"; did you mean environment?"#),
    (["help", "run", "check"], #"unknown argument to help "check"; see drover help"#),
    (["version", "--", "-d"], "version takes no QEMU arguments; only run and check do"),
    (["\u{1b}[2J"], #"unknown subcommand "\u{1b}[2J"; see drover help"#),
]

@Test func otherCommandLinesAreRefusedWithTheNearestMatch() {
    for (arguments, message) in refused {
        #expect(throws: Invocation.UsageError(message: message), "\(arguments)") { try Invocation(arguments) }
    }
}

@Test(arguments: HelpTopic.allCases)
func everyTopicHasAPageOfEightyColumns(_ topic: HelpTopic) {
    #expect(topic.text.hasSuffix("\n"))
    for line in topic.text.split(separator: "\n") { #expect(line.count <= 80, "\(topic): \(line)") }
}
