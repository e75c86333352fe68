import Linux
import TestSupport
import Testing

/// Secret files of every bad kind, through the binary: each gives one clear line and the right code, and none holds the
/// start up.
@Suite struct BadSecretTests {
    struct Case: Sendable {
        let variable: String
        /// Makes `$f`, in a shell.
        let setup: String
        let code: Int32
        let words: String
    }

    private static let variables = [
        "ROOT_PASSWORD_FILE", "AGENTS_PASSWORD_FILE", "AUTHORIZED_KEYS_FILE", "USER_DATA_FILE", "NETWORK_CONFIG_FILE",
    ]

    /// What is bad whatever the file is for.
    private static let kinds: [(setup: String, code: Int32, words: String)] = [
        ("true", 69, "does not exist"), ("ln -s nowhere $f", 69, "is a link that leads nowhere"),
        ("ln -s secret $f", 78, "is a link that leads to itself"), ("mkdir $f", 78, "is a directory"),
        ("mkdir d && ln -s d $f", 78, "is a directory"), ("mkfifo $f", 78, "is a FIFO"),
        ("mkfifo p && ln -s p $f", 78, "is a FIFO"), ("ln -s /dev/zero $f", 78, "is a device"),
        ("ln -s /dev/ptmx $f", 78, "is a device"), ("ln -s /proc/self/mem $f", 69, "cannot be read: "),
        (": >$f", 78, "is empty"), ("printf '\\n' >$f", 78, "is empty"), ("printf '\\r\\n' >$f", 78, "is empty"),
        ("head -c 2000000 /dev/zero | tr '\\0' x >$f", 78, "is larger than"),
        ("truncate -s 1T $f", 78, "is larger than"),
        ("touch x && ln -s x/y $f", 69, "cannot be reached: Not a directory"),
    ]

    private static let passwords: [(setup: String, words: String)] = [
        ("head -c 512 /dev/zero | tr '\\0' x >$f", "is larger than 511 bytes"),
        ("printf 'a\\0b' >$f", "holds a NUL byte"), ("printf '\\0' >$f", "holds a NUL byte"),
        ("printf 's\\0e\\0c\\0' >$f", "holds a NUL byte"), ("printf 'a\\nb\\n' >$f", "holds a line break"),
        ("printf 'a\\n\\n' >$f", "holds a line break"), ("printf 'a\\r' >$f", "holds a line break"),
        ("printf '\\nsecret' >$f", "holds a line break"),
        ("printf '\\357\\273\\277secret' >$f", "begins with a byte order mark"),
        ("echo changeme >$f", "holds a well-known password"), ("echo Agents >$f", "holds a well-known password"),
    ]

    private static let keys: [(setup: String, words: String)] = [
        ("echo correct-horse >$f", "line 1 is not an SSH public key"), ("echo '# none' >$f", "holds no key"),
        ("printf '\\nssh-ed25519 AAAA\\n' >$f", "line 2 has a key that is cut off"),
        ("echo ssh-rsa correct-horse- >$f", "line 1 has a key that is not base64"),
        ("ssh-keygen -q -t ed25519 -N '' -f $f </dev/null", "line 1 begins a private key"),
        ("printf 'a\\0b' >$f", "line 1 holds a control character"),
    ]

    static let cases: [Case] =
        variables.flatMap { variable in
            kinds.map { Case(variable: variable, setup: $0.setup, code: $0.code, words: $0.words) }
        }
        + variables.prefix(2).flatMap { variable in
            passwords.map { Case(variable: variable, setup: $0.setup, code: 78, words: $0.words) }
        } + keys.map { Case(variable: "AUTHORIZED_KEYS_FILE", setup: $0.setup, code: 78, words: $0.words) }

    @Test func eachIsOneClearLine() throws {
        #expect(Self.cases.count >= 100)
        for bad in Self.cases {
            let workspace = try Workspace()
            try shell("cd '\(workspace.path)'; f=secret; \(bad.setup)")
            let run = try DroverRun(["seed", "--list"], [bad.variable: "\(workspace.path)/secret"])
            let status = try run.waitForExit(within: 20)
            let context = "\(bad.variable), \(bad.setup): \(run.lines)"
            #expect(status == .exited(bad.code), "\(context)")
            #expect(run.lines.count == 1 && run.lines[0].contains(bad.words), "\(context)")
            #expect(run.lines[0].hasPrefix("drover: \(bad.variable): \"\(workspace.path)/secret\" "), "\(context)")
            #expect(!run.lines[0].contains("correct-horse"), "\(context)")
        }
    }

    @Test func withoutPermissionItSaysWhose() throws {
        let workspace = try Workspace(isOpen: true)
        // Root may read everything; so be nobody.
        let start = "setpriv --reuid=65534 --regid=65534 --clear-groups env -i"
        try shell("cp '\(DroverRun.binary)' '\(workspace.path)/drover'; chmod 755 '\(workspace.path)'")
        for variable in Self.variables {
            for (setup, words) in [
                ("mkdir -p open && echo correct-horse >open/f && chmod 600 open/f", "belongs to 0:0 with mode 0600"),
                (
                    "mkdir -p open && chmod 700 open && echo x >open/f", "cannot be reached by this process"
                ),
            ] {
                let output = try shell(
                    "cd '\(workspace.path)'; rm -rf open; \(setup); "
                        + "\(start) \(variable)='\(workspace.path)/open/f' ./drover seed --list 2>&1; echo \"code $?\"")
                let lines = output.split(separator: "\n")
                #expect(lines.count == 2 && lines.last == "code 77" && lines[0].contains(words), "\(output)")
                #expect(lines[0].hasPrefix("drover: \(variable): ") && !output.contains("correct-horse"), "\(output)")
            }
        }
    }

    @Test func aRunTellsAllOfThemAndStartsNothing() throws {
        let workspace = try Workspace()
        var variables = try workspace.standInVariables()
        try shell("mkfifo '\(workspace.path)/fifo'; echo changeme >'\(workspace.path)/weak'")
        for variable in Self.variables { variables[variable] = "\(workspace.path)/fifo" }
        variables["ROOT_PASSWORD_FILE"] = "\(workspace.path)/weak"
        let run = try DroverRun(["run"], variables, path: workspace.standInPath())
        #expect(try run.waitForExit(within: 20) == .exited(78))
        #expect(run.lines.count == 5, "\(run.lines)")
        for variable in Self.variables {
            #expect(run.lines.filter { $0.hasPrefix("drover: \(variable): ") }.count == 1, "\(run.lines)")
        }
        #expect(!run.lines.contains { $0.contains("changeme") })
    }
}
