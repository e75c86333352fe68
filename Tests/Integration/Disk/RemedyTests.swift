import Foundation
import Linux
import TestSupport
import Testing

/// Every command that a fault or a warning of `check` prints, run as it is printed: afterwards there is none.
@Suite struct RemedyTests {
    private struct Case: CustomTestStringConvertible {
        /// Of the fault.
        let words: String
        /// Makes `disk.qcow2` and what else there is, in a folder of its own.
        let setup: String
        /// `FOLDER` stands for that folder.
        let variables: [String: String]
        /// What stands for what only the owner knows, in the command and in the variables.
        let owners: [String: String]
        /// Of the fault.
        let source: String
        /// What drover is run by.
        let prefix: String
        /// What the command comes after, where others come before it.
        let lead: String
        /// Of the fault that is left, when the command is not all there is to do.
        let rest: String?
        var testDescription: String { words }

        init(
            _ words: String, _ setup: String, _ variables: [String: String] = [:], owners: [String: String] = [:],
            of source: String = "QEMU_DRIVE", by prefix: String = "", after lead: String = "",
            leaves rest: String? = nil
        ) {
            (self.words, self.setup, self.variables, self.owners) = (words, setup, variables, owners)
            (self.source, self.prefix, self.lead, self.rest) = (source, prefix, lead, rest)
        }
    }

    private static let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups "
    private static let empty = "qemu-img create -q -f qcow2 disk.qcow2 1M"
    private static let base = "qemu-img create -q -f qcow2 base.qcow2 1M"
    private static let gone =
        "\(base); qemu-img create -q -f qcow2 -u -b /gone/base.qcow2 -F qcow2 disk.qcow2 1M"
    private static let cases = [
        Case("is absolute", "\(base); qemu-img create -q -f qcow2 -b \"$PWD/base.qcow2\" -F qcow2 disk.qcow2"),
        Case(
            "is absolute, and nothing is there", gone, ["ALLOW_BACKING": "BASE_FILE"],
            owners: ["BASE_FILE": "base.qcow2"]),
        Case("is absolute, and nothing is there", gone, after: "name it so: "),
        Case(
            "is absolute, and nothing is there", gone, ["QEMU_BASE": "BASE_FILE"], owners: ["BASE_FILE": "base.qcow2"],
            after: "if it is QEMU_BASE now, say so: "),
        Case(
            "does not exist", "\(gone); qemu-img rebase -u -b gone.qcow2 -F qcow2 disk.qcow2",
            ["ALLOW_BACKING": "BASE_FILE"], owners: ["BASE_FILE": "base.qcow2"]),
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
            "has more than 200 backing files",
            "\(base); mv base.qcow2 0; for i in $(seq 200); do qemu-img create -q -f qcow2 -u -b $((i - 1)) -F qcow2 $i 1M; done; "
                + "qemu-img create -q -f qcow2 -u -b 200 -F qcow2 disk.qcow2 1M"),
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
            "has a damaged qcow2 header",
            "\(empty); printf '\\037' | dd of=disk.qcow2 bs=1 seek=23 conv=notrunc status=none",
            leaves: "has a damaged qcow2 header"),
        Case("cannot be read", "\(empty); chmod 000 disk.qcow2; chown 65534:65534 . disk.qcow2", by: nobody),
        Case("cannot be read", "\(empty); chmod 600 disk.qcow2", by: nobody),
        // This process is root for the host, and has no power over what the namespace does not map.
        Case(
            "cannot be read", "\(empty); chmod 600 disk.qcow2; chown 65534:65534 disk.qcow2",
            by: "unshare --user --map-user=10001 --map-group=10001 ", after: "else as root: "),
        Case(
            "cannot be read", "mknod -m 600 disk.qcow2 b 7 250", ["QEMU_DRIVE_FORMAT": "raw"], by: nobody,
            leaves: "compose: group_add: "),
        Case(
            "cannot be read", "\(empty); (umask 077; echo a long password >secret)",
            ["ROOT_PASSWORD_FILE": "FOLDER/secret"], of: "ROOT_PASSWORD_FILE", by: nobody),
        Case(
            "can be read by everybody", "\(empty); echo a long password >secret; chmod 644 secret",
            ["ROOT_PASSWORD_FILE": "FOLDER/secret"], of: "ROOT_PASSWORD_FILE"),
        Case(
            "cannot be written", "\(empty); mkdir -m 500 run; chown 65534 run", ["DROVER_RUNTIME_DIR": "FOLDER/run"],
            of: "DROVER_RUNTIME_DIR", by: nobody),
        Case(
            "cannot be created in", "\(empty); mkdir -m 500 run; chown 65534 run",
            ["DROVER_RUNTIME_DIR": "FOLDER/run/deep/er"], of: "DROVER_RUNTIME_DIR", by: nobody),
        Case(
            "can be written by others", "\(empty); mkdir -m 777 run", ["DROVER_RUNTIME_DIR": "FOLDER/run"],
            of: "DROVER_RUNTIME_DIR"),
        Case("of memory, and QEMU takes", empty, of: "RLIMIT_AS", by: "ulimit -S -v 400000; ", after: "is started ("),
    ]

    @Test(arguments: cases)
    private func aPrintedCommandHelps(_ testCase: Case) throws {
        let workspace = try Workspace(isOpen: true)
        let folder = "\(workspace.path)/a folder"
        let disk = "\(folder)/disk.qcow2"
        try shell(
            """
            cd '\(workspace.path)' && chmod 755 . && cp '\(DroverRun.binary)' drover
            mkdir 'a folder' && cd 'a folder' && { \(testCase.setup); }
            """)
        defer { _ = try? shell("rm -f '\(workspace.path)'/*.qcow2") }
        for own in testCase.owners.values { try shell("cp '\(folder)/\(own)' '\(workspace.path)/\(own)'") }
        func replaced(_ text: String) -> String {
            testCase.owners.reduce(text.replacing("FOLDER", with: folder)) {
                $0.replacing($1.key, with: "\(workspace.path)/\($1.value)")
            }
        }
        // In one shell: a command may be about the shell's own limits.
        func faults(_ disk: String, after command: String = ":") throws -> [String] {
            let assignments = workspace.variables(disk: disk, testCase.variables.mapValues(replaced))
                .map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
            let limits = testCase.prefix.hasPrefix("ulimit") ? testCase.prefix : ""
            let prefix = limits.isEmpty ? testCase.prefix : ""
            let report = try shell(
                """
                PATH='\(workspace.path)':$PATH
                \(limits)cd '\(folder)' && \(command) >&2 || [ $? -le 3 ] || exit 99
                \(prefix)env -i PATH=\(systemPath) \(assignments) '\(workspace.path)/drover' check --json || true
                """)
            let found = try CheckReport(report)
            return (found.faults + found.warnings).filter { $0.hasPrefix(testCase.source + ": ") }
        }
        let before = try faults(disk)
        let fault = try #require(before.first)
        #expect(before.count == 1 && fault.contains(testCase.words), "\(before)")
        let command = replaced(try #require(Self.command(in: fault, after: testCase.lead), "\(fault)"))
        let result =
            command.hasPrefix("QEMU_DRIVE=")
            ? disk + ".qcow2" : command.hasPrefix("qemu-img convert") ? disk + ".new" : disk
        let after = try faults(result, after: command)
        if let rest = testCase.rest {
            #expect(after.count == 1 && after[0].contains(rest), "\(command): \(after)")
        } else {
            #expect(after == [], "\(command)")
        }
    }

    /// From its first word to where the message goes on.
    private static func command(in fault: String, after lead: String) -> String? {
        guard let beginning = lead.isEmpty ? fault.startIndex : fault.range(of: lead)?.upperBound else { return nil }
        let words = ["qemu-img ", "truncate ", "chmod ", "chown ", "chgrp ", "ulimit ", "QEMU_DRIVE="]
        let starts = words.compactMap { fault.range(of: $0, range: beginning..<fault.endIndex)?.lowerBound }
        guard let start = starts.min() else { return nil }
        let rest = fault[start...]
        let ends = [", or ", " (or ", "; a secret", ", then start", ")"].compactMap { rest.range(of: $0)?.lowerBound }
        return String(rest[..<(ends.min() ?? rest.endIndex)])
    }
}
