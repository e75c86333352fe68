import Foundation
import Linux
import TestSupport
import Testing

/// Every command that a fault of a disk prints, run as it is printed: afterwards the disk, or the new one, has no fault.
@Suite struct RemedyTests {
    private struct Case: CustomTestStringConvertible {
        /// Makes `disk.qcow2`, in a folder of its own.
        let setup: String
        /// Of the fault.
        let words: String
        let variables: [String: String]
        /// What stands for what only the owner knows.
        let owners: [String: String]
        var testDescription: String { words }

        init(_ words: String, _ setup: String, _ variables: [String: String] = [:], owners: [String: String] = [:]) {
            (self.words, self.setup, self.variables, self.owners) = (words, setup, variables, owners)
        }
    }

    private static let base = "qemu-img create -q -f qcow2 base.qcow2 1M"
    private static let cases = [
        Case("is absolute", "\(base); qemu-img create -q -f qcow2 -b \"$PWD/base.qcow2\" -F qcow2 disk.qcow2"),
        Case(
            "is absolute, and nothing is there",
            "\(base); qemu-img create -q -f qcow2 -u -b /gone/base.qcow2 -F qcow2 disk.qcow2 1M"),
        Case(
            "leaves the directory",
            "mkdir sub; \(base); qemu-img create -q -f qcow2 -b sub/../base.qcow2 -F qcow2 disk.qcow2"),
        Case(
            "is absolute",
            "qemu-img create -q -f qcow2 -o data_file=\"$PWD/data, of it.raw\" disk.qcow2 1M || "
                + "qemu-img create -q -f qcow2 -o \"data_file=$PWD/data,, of it.raw\" disk.qcow2 1M"),
        Case(
            "names a protocol", "\(base); qemu-img create -q -f qcow2 -b \"file:$PWD/base.qcow2\" -F qcow2 disk.qcow2"),
        Case(
            "leads out of the directory",
            "mkdir out; qemu-img create -q -f qcow2 ../$$.qcow2 1M; ln -s ../$$.qcow2 base.qcow2; "
                + "qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 disk.qcow2"),
        Case(
            "does not say what format",
            "\(base); qemu-img create -q -f qcow2 -u -b base.qcow2 -F qcow2 disk.qcow2 1M; "
                // The type of the header extension that says it.
                + "perl -0777 -pi -e 's/\\xE2\\x79\\x2A\\xCA/\\x12\\x34\\x56\\x78/' disk.qcow2"),
        Case(
            "of format \"vmdk\"",
            "qemu-img create -q -f vmdk base.vmdk 1M; qemu-img create -q -f qcow2 -b base.vmdk -F vmdk disk.qcow2"),
        Case(
            "has more than 8 backing files",
            "\(base); mv base.qcow2 0; for i in 1 2 3 4 5 6 7 8; do qemu-img create -q -f qcow2 -b $((i - 1)) -F qcow2 $i; done; "
                + "qemu-img create -q -f qcow2 -b 8 -F qcow2 disk.qcow2"),
        Case(
            "is marked corrupt",
            "qemu-img create -q -f qcow2 disk.qcow2 1M; printf '\\002' | dd of=disk.qcow2 bs=1 seek=79 conv=notrunc status=none"
        ),
        Case(
            "is encrypted",
            "printf word >passphrase; for i in 1 2 3 4 5 6 7 8 9; do qemu-img create -q -f qcow2 --object secret,id=k,data=word -o "
                + "encrypt.format=luks,encrypt.key-secret=k,encrypt.iter-time=100 disk.qcow2 1M 2>/dev/null && break; done",
            owners: ["KEY_FILE": "passphrase"]),
        Case(
            "does not name it",
            "qemu-img create -q -f qcow2 -o data_file=data.raw disk.qcow2 1M; "
                + "perl -0777 -pi -e 's/\\x44\\x41\\x54\\x41/\\x12\\x34\\x56\\x78/' disk.qcow2",
            owners: ["DATA_FILE": "data.raw"]),
        Case("is empty", ": >disk.qcow2", ["QEMU_DRIVE_FORMAT": "raw"]),
        Case("is a VMDK file", "qemu-img create -q -f vmdk disk.qcow2 1M"),
        Case(
            "cannot be read", "\(base); mv base.qcow2 disk.qcow2; chmod 000 disk.qcow2; chown 65534:65534 . disk.qcow2"),
    ]

    @Test(arguments: cases)
    private func aPrintedCommandHelps(_ testCase: Case) throws {
        let workspace = try Workspace(isOpen: true)
        let folder = "\(workspace.path)/a folder"
        let disk = "\(folder)/disk.qcow2"
        try shell("mkdir '\(folder)' && cd '\(folder)' && { \(testCase.setup); }")
        defer { _ = try? shell("rm -f '\(workspace.path)'/*.qcow2") }
        let isPermission = testCase.words == "cannot be read"
        let prefix =
            isPermission
            ? "chmod 755 '\(workspace.path)'; cp '\(DroverRun.binary)' '\(workspace.path)/drover'; "
                + "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
        let binary = isPermission ? "\(workspace.path)/drover" : DroverRun.binary
        func faults(_ disk: String) throws -> [String] {
            let assignments = workspace.variables(disk: disk, testCase.variables)
                .map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
            let report = try shell(
                "\(prefix)env -i PATH=\(systemPath) \(assignments) '\(binary)' check --json 2>/dev/null || true")
            return try CheckReport(report).faults.filter { $0.hasPrefix("QEMU_DRIVE: ") }
        }
        let before = try faults(disk)
        let fault = try #require(before.first)
        #expect(before.count == 1 && fault.contains(testCase.words), "\(before)")
        var command = try #require(Self.command(in: fault), "\(fault)")
        for (word, own) in testCase.owners {
            try shell("cp '\(folder)/\(own)' '\(workspace.path)/\(own)'")
            command = command.replacing(word, with: "\(workspace.path)/\(own)")
        }
        try shell("cd '\(folder)' && \(command) 2>&1")
        let isNew = command.hasPrefix("qemu-img convert")
        let suffix = fault.contains("VMDK file") ? ".qcow2" : ".new"
        #expect(try faults(isNew ? disk + suffix : disk) == [], "\(command)")
    }

    /// From its first word to where the message goes on.
    private static func command(in fault: String) -> String? {
        let starts = ["qemu-img ", "truncate ", "chmod "].compactMap { fault.range(of: $0)?.lowerBound }
        guard let start = starts.min() else { return nil }
        let rest = fault[start...]
        let ends = [", or ", " (or "].compactMap { rest.range(of: $0)?.lowerBound }
        return String(rest[..<(ends.min() ?? rest.endIndex)])
    }
}
