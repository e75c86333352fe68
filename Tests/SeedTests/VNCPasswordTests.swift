import Linux
import Machine
import Testing

@testable import Seed

@Suite struct VNCPasswordTests {
    private func read(
        _ folder: SeedFolder, _ more: [String: String] = [:]
    ) -> (password: VNCPassword?, finding: VNCFinding) {
        let environment = ["ENABLE_VNC": "1", "VNC_PASSWORD_FILE": "\(folder.path)/vnc"]
        return VNCPassword.read(Configuration.parse(environment.merging(more) { $1 }))
    }

    private static let tooLong = "is larger than 8 bytes, which is all that VNC compares; shorten it"

    /// Contents, and the fault after the path; nil when they are taken.
    private static let cases: [(contents: String, fault: String?)] = [
        ("x", nil), ("8 bytes!", nil), ("8 bytes!\n", nil), ("8 bytes!\r\n", nil), ("pässwör", tooLong),
        ("9 bytes!!", tooLong), ("9 bytes!!\n", tooLong), ("", "is empty; fill or remove it"),
        ("\n", "is empty; fill or remove it"), ("a\nb", "holds a line break; write the password as one line"),
        ("a\0b", "holds a NUL byte; write the password as plain text, such as UTF-8"),
        (
            "Changeme",
            "holds a well-known password; choose another, or set ALLOW_WEAK_PASSWORDS=1 where nobody can get at it"
        ),
    ]

    @Test(arguments: cases.indices)
    func aPasswordIsChecked(_ index: Int) throws {
        let (contents, fault) = Self.cases[index]
        let folder = try SeedFolder()
        try folder.write("vnc", contents)
        let (password, finding) = read(folder)
        let start = "VNC_PASSWORD_FILE: \"\(folder.path)/vnc\" "
        #expect(finding.faults.map(\.description) == [fault].compactMap { $0.map { start + $0 } })
        #expect(finding.hasPassword == (fault == nil) && (password != nil) == (fault == nil))
        #expect(finding.warnings.contains { $0.contains("127.0.0.1:5900:5900") } == (fault == nil))
    }

    @Test func whatQEMUReadsIsThePasswordAlone() throws {
        let folder = try SeedFolder()
        try folder.write("vnc", "8 bytes!\n")
        let password = try #require(read(folder).password)
        let file = try password.sealed()
        password.erase()
        #expect(try contents(file) == Array("8 bytes!".utf8))
        #expect(try contents(password.sealed()) == [UInt8](repeating: 0, count: 8))
    }

    /// As QEMU reads it: by the descriptor's path.
    private func contents(_ file: Descriptor) throws -> [UInt8] {
        defer { withExtendedLifetime(file) {} }
        return try readFile("/proc/self/fd/\(file.rawValue)", limit: 100)
    }

    @Test func withoutVNCNothingIsRead() throws {
        let folder = try SeedFolder()
        try folder.write("vnc", "far too long a password")
        #expect(read(folder, ["ENABLE_VNC": "0"]).finding == VNCFinding())
    }

    @Test func aMissingFileIsAFaultOnlyWhenItIsNamed() throws {
        let folder = try SeedFolder()
        #expect(read(folder).finding.faults.map(\.kind) == [.unavailable])
        // The default is not there on a machine that builds.
        #expect(read(folder, ["VNC_PASSWORD_FILE": ""]).finding == VNCFinding())
    }
}
