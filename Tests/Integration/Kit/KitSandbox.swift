import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// Where the guest kit may play root of a guest: a mount namespace in which /etc, /root, /home and /var/lib are copies, and
/// everything else is read-only.
final class KitSandbox {
    let path: String
    private let workspace: Workspace
    /// The kit's files, and where a copy of them is inside: the repository may lie below /root or /home.
    static let files = "\(repository)/Sources/Seed/Kit"
    static let kit = "/var/lib/kit"

    init(_ workspace: Workspace, named name: String = "box") throws {
        self.workspace = workspace
        path = "\(workspace.path)/\(name)"
        try shell(
            """
            mkdir -p '\(path)'/root '\(path)'/home/agents '\(path)'/lib '\(path)'/sbin && cp -a /etc '\(path)'
            cp -r '\(Self.files)' '\(path)/lib/kit' && cd '\(path)/etc'
            printf '%s\\n' root:x:0:0::/root:/bin/sh daemon:x:1:1::/usr/sbin:/usr/sbin/nologin \\
              nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin agents:x:1000:1000::/home/agents:/bin/sh > passwd
            printf '%s\\n' root:x:0: daemon:x:1: nogroup:x:65534: agents:x:1000: > group
            printf '%s\\n' 'root:*:19000:0:99999:7:::' 'daemon:*:19000::::::' 'agents:!:19000:0:99999:7:::' > shadow
            printf '%s\\n' 'root:*::' > gshadow && echo before > hostname && rm -f .pwd.lock
            chmod 640 shadow && chgrp 42 shadow && chmod 700 ../root && chown -R 1000:1000 ../home/agents
            """)
    }

    /// The words that run `command`, of a POSIX shell, inside.
    ///
    /// - Parameter hasStubs: whether /usr/sbin holds what is in the folder sbin, and nothing else.
    func words(_ command: String, hasStubs: Bool = false) -> [String] {
        let stubs = hasStubs ? "mount -c --bind sbin /usr/sbin; " : ""
        // By names that start at the sandbox and are left as they are (-c): its path may be hidden by the first of them.
        let script =
            "cd \"$0\"; for d in etc root home; do mount -c --bind \"$d\" \"/$d\"; done; mount -c --bind lib /var/lib; "
            + "\(stubs)mount -o remount,bind,ro /; cd /; unset OLDPWD; \(command)"
        return ["unshare", "--mount", "--uts", "sh", "-ec", script, path]
    }

    /// Puts a program of a test's own into the folder sbin.
    func stub(_ name: String, _ script: String) throws {
        let file = "\(path)/sbin/\(name)"
        try "#!/bin/sh\n\(script)\n".write(toFile: file, atomically: true, encoding: .utf8)
        try shell("chmod 755 '\(file)'")
    }

    /// Runs `command` inside and returns its exit code and what it printed.
    func run(_ command: String, hasStubs: Bool = false) throws -> (status: Int, output: String) {
        let quoted: [String] = words(command, hasStubs: hasStubs).map { word -> String in
            let escaped: String = word.replacingOccurrences(of: "'", with: "'\\''")
            return "'\(escaped)'"
        }
        let words: String = quoted.joined(separator: " ")
        let output = try shell("\(words) 2>&1; echo \"exit $?\"")
        let lines = output.split(separator: "\n")
        let status = try #require(lines.last?.split(separator: " ").last.flatMap { Int($0) }, "\(output)")
        return (status, output)
    }

    /// The same with more of what makes a guest: processes, /dev, /run, /var/log and /usr/local/lib are its own, as the
    /// folder lib/guest has them, and /usr/sbin holds nothing but stubs.
    func runAsGuest(_ command: String) throws -> (status: Int, output: String) {
        try """
        cd /var/lib && mkdir -p guest/dev guest/run guest/log guest/local
        [ -e guest/dev/null ] || mknod -m 666 guest/dev/null c 1 3
        [ -e guest/dev/urandom ] || mknod -m 666 guest/dev/urandom c 1 9
        mount --bind guest/dev /dev && mount --bind guest/run /run
        mount --bind guest/log /var/log && mount --bind guest/local /usr/local/lib
        cd /
        \(command)
        """.write(toFile: "\(path)/lib/script", atomically: true, encoding: .utf8)
        let unshare = "exec unshare --mount --pid --fork --kill-child --mount-proc"
        return try run("\(unshare) sh -e /var/lib/script", hasStubs: true)
    }

    /// One line for each file and folder: path, type, mode, owner, target or hash.
    func snapshot() throws -> Set<String> {
        let command =
            "cd '\(path)' && find etc root home -printf '%p %y %m %U:%G %l\\n' && find etc root home -type f -exec sha256sum {} +"
        return Set(try shell(command).split(separator: "\n").map(String.init))
    }

    func read(_ file: String) throws -> String {
        String(decoding: try readFile("\(path)/\(file)", limit: 1 << 20), as: UTF8.self)
    }

    /// A user's second field in /etc/shadow.
    func hash(of user: String) throws -> String {
        let line = try #require(read("etc/shadow").split(separator: "\n").first { $0.hasPrefix("\(user):") })
        return String(line.split(separator: ":", omittingEmptySubsequences: false)[1])
    }
}

extension KitSandbox {
    /// Stubs by which a script in `runAsGuest` takes this for GNU/Hurd, with what is in /var/lib/seed as the CD in drive `cd`.
    func beHurd(cd: String) throws {
        try shell("mkdir -p '\(path)/lib/guest/dev' && : >'\(path)/lib/guest/dev/\(cd)'")
        try stub("uname", "[ \"$*\" = -s ] && echo GNU")
        try stub(
            "settrans",
            """
            echo "settrans $*" >>/var/lib/calls
            case "$*" in
              "-a "*" /hurd/iso9660fs /dev/"*) [ -e "$4" ] && mount --bind /var/lib/seed "$2" ;;
              "-fg "*) umount "$2" ;;
              *) exit 64 ;;
            esac
            """)
    }
}
