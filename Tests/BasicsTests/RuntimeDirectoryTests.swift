import Basics
import Glibc
import Linux
import TestSupport
import Testing

/// Whoever else could put a file into the directory of the sockets could be taken for PID 1.
@Suite struct RuntimeDirectoryTests {
    private let folder: TemporaryFolder
    private let process = ProcessIdentity.current()

    init() throws {
        folder = try TemporaryFolder()
    }

    private func fault(_ name: String, for process: ProcessIdentity? = nil) -> Fault? {
        RuntimeDirectory("\(folder.path)/\(name)").fault(for: process ?? self.process)
    }

    @Test(arguments: ["700", "755", "1700", "2755"]) func oneOfOurOwnIsTaken(_ mode: String) throws {
        try shell("mkdir -m \(mode) '\(folder.path)/a'")
        #expect(fault("a") == nil && fault("a/deeper") == nil)
    }

    /// Like /tmp, like an emptyDir of Kubernetes, like a folder of a group.
    @Test(arguments: ["1777", "777", "770", "1775", "2775"]) func oneThatOthersMayWriteToIsRefused(_ mode: String)
        throws
    {
        try shell("mkdir -m \(mode) '\(folder.path)/a'")
        let fault = try #require(self.fault("a"))
        #expect(fault.kind == .notPermitted && fault.source == "DROVER_RUNTIME_DIR")
        let remedy =
            "name a directory in it, which drover makes for itself alone: DROVER_RUNTIME_DIR=\(folder.path)/a/drover"
        let first = "can be written by others; chmod 0700 \(folder.path)/a"
        #expect(fault.message.contains("\(first), or \(remedy)"), "\(fault)")
        // The remedy works.
        #expect(self.fault("a/drover") == nil)
        try RuntimeDirectory("\(folder.path)/a/drover").create(for: process)
        #expect(try FileStatus(of: "\(folder.path)/a/drover").permissions & 0o777 == 0o700)
    }

    @Test func oneOfSomebodyElseIsRefused() throws {
        try shell("mkdir -m 700 '\(folder.path)/a'; ln -s a '\(folder.path)/link'")
        let other = ProcessIdentity(user: process.user + 1, group: process.group)
        if process.user != 0 {
            #expect(fault("a", for: other)?.message.contains("belongs to uid \(process.user)") == true)
        } else {
            try shell("chown 10001 '\(folder.path)/a'")
            #expect(fault("a")?.message.contains("belongs to uid 10001") == true)
            try shell("chown 0 '\(folder.path)/a'; chown -h 10001 '\(folder.path)/link'")
            #expect(fault("link")?.message.contains("is a link of uid 10001") == true)
        }
    }

    /// Between the look and the making.
    @Test func onesThatComeMeanwhileAreLookedAt() throws {
        let directory = RuntimeDirectory("\(folder.path)/a/b")
        #expect(directory.fault(for: process) == nil)
        try shell("mkdir -p '\(folder.path)/a/b'; chmod 1777 '\(folder.path)/a/b'")
        #expect(throws: Fault.self) { try directory.create(for: process) }
    }
}
