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
