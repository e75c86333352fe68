import Foundation
import Linux
import Operator
import TestSupport
import Testing

@testable import Backup

@Suite struct BackupFolderTests {
    private let temporary: TemporaryFolder
    private let folder: BackupFolder

    init() throws {
        temporary = try TemporaryFolder()
        folder = try BackupFolder(temporary.path)
    }

    @Test func completeOnesAreListedOldestFirst() throws {
        let writer = try BackupWriter(folder, holder: "a test")
        let (first, second) = (try id("20261127T120000Z"), try id("20261127T180000Z"))
        try make(try manifest(second, of: first), writer)
        try make(try manifest(first), writer)
        let list = try folder.list()
        #expect(list.backups.map(\.id) == [first, second])
        #expect(list.broken.isEmpty && list.partials.isEmpty)
        #expect(try list.chain(of: second).map(\.id) == [second, first])
        #expect(try list.chain(of: first).map(\.id) == [first])
        #expect(Set(temporary.contents) == ["lock", first.text, second.text])
    }

    @Test func oneThatIsBeingMadeIsNone() throws {
        let writer = try BackupWriter(folder, holder: "a test")
        let first = try id("20261127T120000Z")
        let path = try writer.begin(first)
        #expect(path == "\(temporary.path)/20261127T120000Z.partial")
        try Data([1]).write(to: URL(fileURLWithPath: "\(path)/disk0.qcow2"))
        var list = try folder.list()
        #expect(list.backups.isEmpty && list.partials == ["20261127T120000Z.partial"] && list.taken == [first])
        #expect(try writer.removePartials() == ["20261127T120000Z.partial"])
        list = try folder.list()
        #expect(list == BackupList())
    }

    /// Somebody writes into the file after it has been hashed.
    @Test func filesThatChangeMakeNoBackup() throws {
        let writer = try BackupWriter(folder, holder: "a test")
        let manifest = try manifest(try id("20261127T120000Z"))
        let path = try writer.begin(manifest.id)
        try Data([1, 2, 3, 4]).write(to: URL(fileURLWithPath: "\(path)/disk0.qcow2"))
        #expect(try writer.measure("disk0", of: manifest.id).size == 4)
        #expect(
            try failure { try writer.complete(manifest) }.message
                == "\"\(path)/disk0.qcow2\" has 4 bytes now, and had 3 when it was hashed: somebody else writes there")
        #expect(try folder.list().backups.isEmpty)
    }

    @Test func brokenOnesAreListedWithTheReason() throws {
        let writer = try BackupWriter(folder, holder: "a test")
        try make(try manifest(try id("20261127T120000Z")), writer)
        for name in ["20261127T130000Z", "20261127T140000Z", "20261127T150000Z", "20261127T170000Z"] {
            try FileManager.default.createDirectory(
                atPath: "\(temporary.path)/\(name)", withIntermediateDirectories: false)
        }
        try temporary.file("20261127T140000Z/manifest.json", Array("{".utf8))
        try temporary.file("20261127T150000Z/manifest.json", try manifest(try id("20261127T120000Z")).encoded)
        try temporary.file("20261127T160000Z", [])
        try shell("ln -s ../20261127T120000Z/manifest.json '\(temporary.path)/20261127T170000Z'")
        try shell("ln -s 20261127T120000Z '\(temporary.path)/20261127T180000Z'")
        // Others' business.
        try temporary.file("lost+found", [])
        try temporary.file("guest", Array("\(guest().text)\n".utf8))
        let list = try folder.list()
        #expect(list.backups.count == 1)
        let reasons = list.broken.map { "\($0.id): \($0.reason)" }
        #expect(
            reasons == [
                "20261127T130000Z: manifest.json cannot be read: No such file or directory",
                "20261127T140000Z: manifest.json is no JSON: JSON parse error, key is not a string in object",
                "20261127T150000Z: manifest.json is that of 20261127T120000Z",
                "20261127T160000Z: manifest.json cannot be read: Not a directory",
                "20261127T170000Z: manifest.json cannot be read: Too many levels of symbolic links",
                "20261127T180000Z: manifest.json cannot be read: Not a directory",
            ])
    }

    @Test func chainsThatAreNone() throws {
        let writer = try BackupWriter(folder, holder: "a test")
        let ids = try (10...18).map { try id("20261127T\($0)0000Z") }
        try make(try manifest(ids[1], of: ids[0]), writer)
        try make(try manifest(ids[2], of: ids[2]), writer)
        try make(try manifest(ids[3], guest: try guest("b")), writer)
        try make(try manifest(ids[4], of: ids[3]), writer)
        try make(try manifest(ids[5], of: ids[3], guest: try guest("b"), disks: ["disk0", "disk1"]), writer)
        try shell("mkdir '\(temporary.path)/\(ids[6])'")
        try make(try manifest(ids[7], of: ids[6]), writer)
        let list = try folder.list()
        let messages = try [1, 2, 4, 5, 6, 7, 8].map { number in
            try failure { _ = try list.chain(of: ids[number]) }.message
        }
        let unreadable = "manifest.json cannot be read: No such file or directory"
        #expect(
            messages == [
                "\(ids[1]) is an increment of \(ids[0]), which is not there; restore another",
                "\(ids[2]) is an increment of itself, by its manifest and others'",
                "\(ids[3]) is of another guest (\(try guest("b").text)) than \(ids[4]), an increment of it",
                "\(ids[3]) lacks disk1, of which \(ids[5]) has an increment",
                "\(ids[6]) is no backup: \(unreadable)",
                "\(ids[7]) is an increment of \(ids[6]), which is broken: \(unreadable); restore another",
                "there is no backup \(ids[8]); drover backup list shows those that there are",
            ])
    }

    @Test func theGuestsNumberStays() throws {
        #expect(try folder.guestID() == nil)
        let writer = try BackupWriter(folder, holder: "a test")
        let number = try writer.guestID()
        #expect(try writer.guestID() == number && folder.guestID() == number)
        try temporary.file("guest", Array("hurd\n".utf8))
        #expect(try failure { _ = try writer.guestID() }.message.contains("32 hexadecimal digits"))
    }

    @Test func whoIsAtWorkIsNamed() throws {
        let busy = "\"\(temporary.path)\" is in use by"
        var writer: BackupWriter? = try BackupWriter(folder, holder: "drover backup now (20261127T120000Z)")
        let named = "\(busy) drover backup now (20261127T120000Z); try again when that is done"
        #expect(try failure { _ = try BackupWriter(folder, holder: "another") }.message == named)
        #expect(try failure { _ = try folder.lockForReading() }.message == named)
        withExtendedLifetime(writer) {}
        writer = nil
        let readers = [try folder.lockForReading(), try folder.lockForReading()]
        let refused = try failure { _ = try BackupWriter(folder, holder: "another") }
        #expect(
            refused
                == ClientFailure(.deadline, "\(busy) a verify or restore that reads it; try again when that is done"))
        withExtendedLifetime(readers) {}
    }

    /// A sidecar has it read-only, and what lies on a CD nobody writes to. Root may write where nobody may, so it is mounted.
    @Test(.enabled(if: geteuid() == 0)) func oneThatCannotBeWrittenIsRead() throws {
        try make(try manifest(try id("20261127T120000Z")), try BackupWriter(folder, holder: "a test"))
        try removeFile("\(temporary.path)/lock")
        try shell(
            "mount --bind '\(temporary.path)' '\(temporary.path)' && mount -o remount,bind,ro '\(temporary.path)'")
        defer { _ = try? shell("umount '\(temporary.path)'") }
        let mounted = try BackupFolder(temporary.path)
        let lock = try mounted.lockForReading()
        #expect(try mounted.list().backups.count == 1)
        #expect(try failure { _ = try BackupWriter(mounted, holder: "x") }.exit == .notPermitted)
        withExtendedLifetime(lock) {}
    }

    @Test func aRemovedOneIsGone() throws {
        let writer = try BackupWriter(folder, holder: "a test")
        try make(try manifest(try id("20261127T120000Z")), writer)
        try shell(
            "mkdir '\(temporary.path)/20261127T120000Z/more' && ln -s / '\(temporary.path)/20261127T120000Z/more/root'")
        try writer.remove(try id("20261127T120000Z"))
        #expect(temporary.contents == ["lock"])
    }

    @Test func noFolder() throws {
        let path = "\(temporary.path)/none"
        #expect(
            try failure { _ = try BackupFolder(path) }
                == ClientFailure(
                    .absent,
                    "\"\(path)\" cannot be opened: No such file or directory; it is the folder of the backups"))
    }
}
