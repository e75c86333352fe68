import Testing

@testable import QMP

/// A command's name and arguments, and the lowest policy that permits it.
private let needs: [(String, String, QMPPolicy.Level)] = [
    ("query-status", "{}", .readOnly), ("query-cpu-model-expansion", #"{"type":"full"}"#, .readOnly),
    ("qom-get", #"{"path":"/machine","property":"type"}"#, .readOnly),
    ("qom-list-properties", #"{"typename":"microvm-machine"}"#, .full),
    ("device-list-properties", "{}", .full), ("qom-list", #"{"path":"/"}"#, .readOnly),
    ("drover-status", "{}", .readOnly), ("drover-screen", "{}", .readOnly),
    ("query", "{}", .full), ("xquery-status", "{}", .full), ("x-query-virtio", "{}", .full), ("", "{}", .full),
    ("QUERY-STATUS", "{}", .full),
    ("stop", "{}", .operator), ("cont", "{}", .operator), ("system_powerdown", "{}", .operator),
    ("system_reset", "{}", .operator), ("system_wakeup", "{}", .operator), ("drover-stop", "{}", .operator),
    ("drover-usb-attach", #"{"device":"046d:c52b"}"#, .operator),
    ("drover-usb-detach", #"{"device":"046d:c52b"}"#, .operator),
    ("send-key", #"{"keys":[]}"#, .operator), ("input-send-event", #"{"events":[]}"#, .operator),
    ("snapshot-save", #"{"tag":"a"}"#, .operator), ("snapshot-load", "{}", .operator),
    ("snapshot-delete", "{}", .operator), ("job-dismiss", "{}", .operator), ("block-job-cancel", "{}", .operator),
    ("blockdev-backup", "{}", .operator), ("blockdev-mirror", "{}", .operator), ("blockdev-del", "{}", .operator),
    ("block-dirty-bitmap-merge", "{}", .operator),
    // What opens a port or a file, changes the machine or ends QEMU behind our back.
    ("quit", "{}", .full), ("netdev_add", "{}", .full), ("chardev-add", "{}", .full), ("object-add", "{}", .full),
    ("device_add", "{}", .full), ("device_del", "{}", .full), ("migrate", "{}", .full),
    ("migrate-incoming", "{}", .full),
    ("dump-guest-memory", "{}", .full), ("memsave", "{}", .full), ("pmemsave", "{}", .full),
    ("nbd-server-start", "{}", .full), ("nbd-server-add", "{}", .full), ("block-export-add", "{}", .full),
    ("getfd", "{}", .full), ("add-fd", "{}", .full), ("add_client", "{}", .full), ("qom-set", "{}", .full),
    ("set_password", "{}", .full), ("change", "{}", .full), ("drive-backup", "{}", .full),
    ("drive-mirror", "{}", .full),
    ("blockdev-snapshot-sync", "{}", .full), ("blockdev-change-medium", "{}", .full),
    ("change-backing-file", "{}", .full),
    ("x-blockdev-amend", "{}", .full), ("ringbuf-write", "{}", .full), ("trace-event-set-state", "{}", .full),
    // The seed, and what else must not get out.
    ("blockdev-backup", #"{"device":"seed","target":"n","sync":"full"}"#, .full),
    ("blockdev-backup", #"{"device":"d","target":"seed-file","sync":"full"}"#, .full),
    ("blockdev-backup", #"{"job-id":"seed","device":"d","target":"n","sync":"full"}"#, .operator),
    ("blockdev-mirror", #"{"device":"seed-cd","target":"n","sync":"full"}"#, .full),
    ("blockdev-mirror", #"{"device":"d","target":"n","replaces":"seed","sync":"full"}"#, .full),
    ("blockdev-del", #"{"node-name":"seed"}"#, .full), ("block-commit", #"{"device":"seed"}"#, .full),
    ("block-stream", #"{"device":"d","base-node":"seed"}"#, .full),
    ("block-dirty-bitmap-merge", #"{"node":"n","target":"b","bitmaps":[{"node":"seed","name":"b"}]}"#, .full),
    ("snapshot-save", #"{"job-id":"j","tag":"seed","vmstate":"d","devices":["d"]}"#, .operator),
    ("snapshot-save", #"{"job-id":"j","tag":"t","vmstate":"d","devices":["d","seed"]}"#, .full),
    ("qom-get", #"{"path":"/objects/vnc-password","property":"data"}"#, .full),
    ("query-new-in-a-later-qemu", "{}", .full), ("job-new", "{}", .full),
    // Files by name.
    ("block-commit", #"{"device":"d","base-node":"b","top-node":"t"}"#, .operator),
    ("block-commit", #"{"device":"d","top":"/etc/x"}"#, .full),
    ("block-commit", #"{"device":"d","base":"/etc/x"}"#, .full),
    ("block-commit", #"{"device":"d","backing-file":"nbd://x"}"#, .full),
    ("block-stream", #"{"device":"d","base-node":"b"}"#, .operator),
    ("block-stream", #"{"device":"d","base":"x"}"#, .full),
    ("block-stream", #"{"device":"d","backing-file":"x"}"#, .full),
    // Screenshots.
    ("screendump", #"{"filename":"/run/drover/a.png"}"#, .operator),
    ("screendump", #"{"filename":"/run/drover/last-stop"}"#, .full),
    ("screendump", #"{"filename":"/disks/a.png","format":"png"}"#, .operator),
    ("screendump", #"{"filename":"/more disks/a.ppm"}"#, .operator),
    ("screendump", #"{"filename":"/disks/a.qcow2"}"#, .full), ("screendump", #"{"filename":"/tmp/a.png"}"#, .full),
    ("screendump", #"{"filename":"/disks/../etc/a.png"}"#, .full), ("screendump", #"{"filename":"a.png"}"#, .full),
    ("screendump", #"{"filename":"/disks/a\u0000.png"}"#, .full), ("screendump", #"{"filename":"/disksa.png"}"#, .full),
    ("screendump", #"{"filename":"/run/drover/"}"#, .full), ("screendump", #"{"filename":"/dis\u212as/a.png"}"#, .full),
    ("screendump", "{}", .full), ("screendump", #"{"filename":1}"#, .full),
]

private let blocks: [(String, QMPPolicy.Level)] = [
    (#"{"driver":"file","filename":"/disks/a","node-name":"n"}"#, .operator),
    (#"{"driver":"raw","file":{"driver":"file","filename":"/disks/sub/a"},"read-only":true}"#, .operator),
    // Its header may name any file, and a guest may have written that.
    (#"{"driver":"qcow2","file":"n","backing":null,"cache":{"direct":true}}"#, .full),
    // QEMU would open the file or address that the image itself names.
    (#"{"driver":"qcow2","file":"n"}"#, .full),
    (#"{"driver":"qcow2","file":"n","backing":{"driver":"qcow2","file":"m"}}"#, .full),
    (#"{"driver":"qcow2","file":"n","backing":"m"}"#, .full),
    (#"{"driver":"qcow2","file":"n","backing":null,"data-file":"m"}"#, .full),
    (#"{"driver":"qcow2","file":"n","backing":null,"encrypt":{"format":"luks","key-secret":"s"}}"#, .full),
    // What is there is not overwritten, and links are not followed.
    (#"{"driver":"file","filename":"/disks/full.raw"}"#, .full),
    (#"{"driver":"file","filename":"/disks/full.raw","read-only":false,"auto-read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/disks/full.raw","read-only":"on"}"#, .full),
    (#"{"driver":"file","filename":"/disks/full.raw","read-only":true}"#, .operator),
    (#"{"driver":"raw","read-only":true,"file":{"driver":"file","filename":"/disks/full.raw"}}"#, .full),
    (#"{"driver":"file","filename":"/disks/made.raw"}"#, .operator),
    (#"{"driver":"file","filename":"/disks/backups/full.raw","read-only":true}"#, .operator),
    (#"{"driver":"file","filename":"/disks/link.raw","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/disks/link/a","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/disks/full.raw/a","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/disks/backups","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/disks/root_password","read-only":true}"#, .full),
    // However it is spelled.
    (#"{"driver":"file","filename":"//disks///made.raw"}"#, .operator),
    (#"{"driver":"file","filename":"/./disks/./made.raw"}"#, .operator),
    (#"{"driver":"file","filename":"//disks/./full.raw"}"#, .full),
    (#"{"driver":"file","filename":"/disks//root_password","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/disks/made.raw/"}"#, .full),
    (#"{"driver":"file","filename":"/disks/"}"#, .full), (#"{"driver":"file","filename":"/disks"}"#, .full),
    (#"{"driver":"file","filename":"/proc/self/fd/6","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/dev/fdset/1","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"//dev/shm/a"}"#, .full), (#"{"driver":"file","filename":"/proc/self/mem"}"#, .full),
    (#"{"driver":"file","filename":"/run/drover/last-stop"}"#, .full),
    (#"{"driver":"file","filename":"/run/secrets/root_password","read-only":true}"#, .full),
    (#"{"driver":"file","filename":"/a"}"#, .full), (#"{"driver":"file","filename":"//a"}"#, .full),
    // The seed's nodes.
    (#"{"driver":"raw","file":"seed-file"}"#, .full), (#"{"driver":"raw","node-name":"seed","file":"n"}"#, .full),
    (#"{"driver":"raw","file":"seed-files"}"#, .operator),
    (#"{"driver":"file","filename":"/etc/passwd"}"#, .full),
    (#"{"driver":"file","filename":"/disks/../etc/passwd"}"#, .full),
    (#"{"driver":"file","filename":"a"}"#, .full), (#"{"driver":"file","filename":"json:{}"}"#, .full),
    (#"{"driver":"file","filename":"/disks/a","locking":"off"}"#, .full),
    (#"{"driver":"file","filename":"/disks/a","pr-manager":"p"}"#, .full),
    (#"{"driver":"raw","file":{"driver":"file","filename":"/etc/shadow"}}"#, .full),
    (#"{"driver":"raw","file":{"driver":"nbd","server":{"type":"inet","host":"h","port":"1"}}}"#, .full),
    (#"{"driver":"host_device","filename":"/disks/a"}"#, .full), (#"{"driver":"ssh"}"#, .full),
    (#"{"driver":"null-co"}"#, .full),
    (#"{"filename":"/disks/a"}"#, .full), (#"{"driver":["file"]}"#, .full), (#"{"driver":"raw","file":1}"#, .full),
    ("{}", .full),
]

private let newImages: [(String, QMPPolicy.Level)] = [
    (#"{"driver":"file","filename":"/disks/b","size":1}"#, .operator),
    (#"{"driver":"qcow2","file":"n","size":1,"cluster-size":65536,"version":"v3"}"#, .operator),
    (#"{"driver":"qcow2","file":{"driver":"file","filename":"/disks/b"},"size":1}"#, .operator),
    (#"{"driver":"file","filename":"/disks/full.raw","size":1}"#, .full),
    (#"{"driver":"file","filename":"/disks/made.raw","size":0}"#, .full),
    (#"{"driver":"file","filename":"/disks/link.raw","size":1}"#, .full),
    (#"{"driver":"file","filename":"/disks/link/new.raw","size":1}"#, .full),
    (#"{"driver":"file","filename":"/disks/backups/new.raw","size":1}"#, .operator),
    (#"{"driver":"file","filename":"//disks/./full.raw","size":1}"#, .full),
    (#"{"driver":"file","filename":"/proc/self/fd/6","size":1}"#, .full),
    (#"{"driver":"qcow2","file":{"driver":"file","filename":"/disks/full.raw"},"size":1}"#, .full),
    (#"{"driver":"qcow2","file":"seed-file","size":1}"#, .full),
    (#"{"driver":"qcow2","file":"n","size":1,"backing-file":"/etc/x"}"#, .full),
    (#"{"driver":"qcow2","file":"n","size":1,"data-file":"m"}"#, .full),
    (#"{"driver":"qcow2","file":"n","size":1,"backing":null}"#, .full),
    (#"{"driver":"file","filename":"/b","size":1}"#, .full), (#"{"driver":"rbd","location":{}}"#, .full),
    (#"{"driver":"qcow2","file":{"driver":"https","url":"x"},"size":1}"#, .full), ("1", .full),
]

private let transactions: [(String, QMPPolicy.Level)] = [
    ("[]", .operator), (#"[{"type":"abort","data":{}}]"#, .operator),
    (
        #"[{"type":"block-dirty-bitmap-clear","data":{"node":"n","name":"b"}},{"type":"blockdev-backup","data":{}}]"#,
        .operator
    ),
    (#"[{"type":"blockdev-backup","data":{}},{"type":"drive-backup","data":{}}]"#, .full),
    (#"[{"type":"blockdev-backup","data":{"device":"seed","target":"n","sync":"full"}}]"#, .full),
    (#"[{"type":"block-dirty-bitmap-add","data":{"node":"seed-file","name":"b"}}]"#, .full),
    (#"[{"type":"block-dirty-bitmap-add","data":{"node":"n","name":"seed"}}]"#, .operator),
    (#"[{"type":"blockdev-snapshot-sync","data":{}}]"#, .full), (#"[{"type":"nosuch","data":{}}]"#, .full),
    (#"[{"type":"transaction","data":{"actions":[]}}]"#, .full), (#"[{"data":{}}]"#, .full), ("[1]", .full),
    ("{}", .full),
]

private let humanMonitorLines: [(String, QMPPolicy.Level)] = [
    ("info status", .readOnly), ("  info  block -v", .readOnly), ("info", .readOnly), ("help", .readOnly),
    ("? stop", .readOnly),
    ("info/x quit", .readOnly), ("info mtree -f", .readOnly), ("info registers -a", .operator),
    ("info  tlb", .full), ("info mem", .full), ("info sync-profile", .full), ("info nothing-known", .full),
    ("stop", .operator), ("s", .operator), ("cont", .operator), ("\\tc", .operator), ("system_powerdown", .operator),
    ("system_reset", .operator), ("savevm a", .operator), ("loadvm a", .operator), ("delvm a", .operator),
    ("sendkey ctrl-alt-f1", .operator), ("screendump /run/drover/a.ppm", .operator),
    ("screendump /disks/a.png -f png", .operator), ("screendump/disks/a.png", .operator),
    ("quit", .full), ("q", .full), ("commit all", .full), ("x/10i 0", .full), ("", .full), ("stop;quit", .full),
    ("infoo", .full),
    ("s|stop", .full), ("INFO status", .full), ("migrate exec:x", .full), ("drive_add 0 x", .full),
    ("change vnc password", .full),
    ("hostfwd_add tcp::1-:2", .full), ("gdbserver", .full), ("logfile /etc/x", .full), ("qemu-io d x", .full),
    ("screendump /tmp/a.png", .full), ("screendump/tmp/a", .full), ("screendump", .full),
    (#"screendump \"/disks/a.png\""#, .full), (#"screendump /disks/a\\n.png"#, .full),
    ("screendump /disks/a.qcow2", .full),
    ("screendump -f png /disks/a.png", .full), ("screendump /disks/full.png", .operator),
    ("screendump /disks/link/a.png", .full),
]

private let agentCommands: [(String, QMPPolicy.Level)] = [
    ("guest-ping", .readOnly), ("guest-info", .readOnly),
    ("guest-get-osinfo", .readOnly),
    ("guest-set-user-password", .operator), ("guest-ssh-add-authorized-keys", .operator), ("guest-shutdown", .operator),
    ("guest-fsfreeze-freeze", .operator), ("guest-fstrim", .operator),
    ("guest-exec", .full), ("guest-file-open", .full), ("guest-set-time", .full), ("", .full),
]

private func need(_ name: String, _ arguments: String) throws -> QMPPolicy.Level {
    let line = Array(#"{"execute":"\#(name)","arguments":\#(arguments)}"#.utf8)
    return QMPServerHarness.policy(.readOnly).need(of: try ClientCommand(line)).level
}

@Test func eachCommandNeedsItsPolicy() throws {
    var cases = needs
    cases += blocks.map { ("blockdev-add", $0, $1) }
    cases += blocks.map { ("blockdev-reopen", #"{"options":[{"driver":"raw","file":"n"},\#($0)]}"#, $1) }
    cases += newImages.map { ("blockdev-create", #"{"job-id":"j","options":\#($0)}"#, $1) }
    cases += transactions.map { ("transaction", #"{"actions":\#($0)}"#, $1) }
    cases += humanMonitorLines.map { ("human-monitor-command", #"{"command-line":"\#($0)","cpu-index":0}"#, $1) }
    cases += agentCommands.map { ("drover-agent", #"{"execute":"\#($0)"}"#, $1) }
    for (name, arguments, expected) in cases {
        #expect(try need(name, arguments) == expected, "\(name) \(arguments)")
    }
}

@Test(arguments: QMPPolicy.Level.allCases)
func whatNeedsMoreThanThePolicyNeverReachesQEMU(_ level: QMPPolicy.Level) {
    for (name, arguments, needed) in needs where !name.hasPrefix("drover-") {
        let harness = QMPServerHarness(level)
        let client = harness.negotiatedClient()
        let reply = harness.reply(to: #"{"execute":"\#(name)","arguments":\#(arguments),"id":1}"#, from: client)
        let isPermitted = needed <= level
        #expect(harness.atQEMU.isEmpty != isPermitted, "\(name) \(arguments)")
        #expect(reply.contains("it needs QMP_POLICY=\(needed.rawValue)") != isPermitted, "\(name) \(arguments)")
    }
}

@Test(arguments: [
    (#"{"execute":"netdev_add"}"#, "netdev_add is not permitted by QMP_POLICY=operator; it needs QMP_POLICY=full"),
    (
        #"{"execute":"getfd","arguments":{"fdname":"x"}}"#,
        "getfd is not permitted by QMP_POLICY=operator (drover passes no descriptors on to QEMU); it needs QMP_POLICY=full"
    ),
    (
        #"{"execute":"human-monitor-command","arguments":{"command-line":"quit now"}}"#,
        "human-monitor-command is not permitted by QMP_POLICY=operator (the line quit); it needs QMP_POLICY=full"
    ),
    (
        #"{"execute":"transaction","arguments":{"actions":[{"type":"drive-backup"}]}}"#,
        "transaction is not permitted by QMP_POLICY=operator (the action drive-backup); it needs QMP_POLICY=full"
    ),
])
func aRefusalNamesTheCommandAndTheVariable(_ line: String, _ desc: String) {
    let harness = QMPServerHarness(.operator)
    let client = harness.negotiatedClient()
    #expect(harness.reply(to: line, from: client) == #"{"error": {"class": "GenericError", "desc": "\#(desc)"}}"#)
}

@Test(
    arguments: [
        (.full, #"{"execute":"query-status"}"#, nil), (.full, #"{"execute":"drover-status"}"#, nil),
        (.operator, #"{"execute":"stop"}"#, "carriedOut 12/0 stop"),
        (.operator, #"{"execute":"stop","arguments":{}}"#, "carriedOut 12/0 stop"),
        (
            .operator, #"{"execute":"job-cancel","arguments":{"id":"a\nb"}}"#,
            #"carriedOut 12/0 job-cancel {\"id\":\"a\\nb\"}"#
        ),
        (.full, #"{"execute":"set_password","arguments":{"password":"x"}}"#, "carriedOut 12/0 set_password"),
        (
            .operator,
            #"{"execute":"drover-agent","arguments":{"execute":"guest-set-user-password","arguments":{"password":"x"}}}"#,
            "carriedOut 12/0 drover-agent: guest-set-user-password"
        ),
        (.operator, #"{"execute":"drover-agent","arguments":{"execute":"guest-ping"}}"#, nil),
        // What is typed may be a password.
        (
            .operator, #"{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"s"}]}}"#,
            "carriedOut 12/0 send-key"
        ),
        (
            .operator, #"{"execute":"human-monitor-command","arguments":{"command-line":"sendkey s"}}"#,
            "carriedOut 12/0 human-monitor-command: sendkey"
        ),
        (.operator, #"{"execute":"human-monitor-command","arguments":{"command-line":"info status"}}"#, nil),
        (
            .operator, #"{"execute":"human-monitor-command","arguments":{"command-line":"savevm é\u001b[2J"}}"#,
            #"carriedOut 12/0 human-monitor-command: savevm é\u{1b}[2J"#
        ),
        (
            .full, #"{"execute":"human-monitor-command","arguments":{"command-line":"change vnc password"}}"#,
            "carriedOut 12/0 human-monitor-command: change"
        ),
        (
            .operator, #"{"execute":"netdev_add","arguments":{"password":"x"}}"#,
            "refused 12/0 netdev_add: netdev_add is not permitted by QMP_POLICY=operator; it needs QMP_POLICY=full"
        ),
    ] as [(QMPPolicy.Level, String, String?)])
func theAuditSaysWhatWasDoneAndNothingSecret(_ level: QMPPolicy.Level, _ line: String, _ expected: String?) {
    let harness = QMPServerHarness(level)
    let client = harness.negotiatedClient()
    harness.send(line, from: client)
    let wanted = expected?.replacing(#"\""#, with: "\"").replacing(#"\\"#, with: #"\"#)
    #expect(harness.audits == (wanted.map { [$0] } ?? []))
}

@Test func whoTypesIsToldOnceAMinute() {
    let harness = QMPServerHarness(.operator)
    let client = harness.negotiatedClient()
    for _ in 1...3 {
        harness.send(#"{"execute":"send-key","arguments":{"keys":[]}}"#, from: client)
        harness.qemuReplies()
    }
    harness.send(#"{"execute":"stop"}"#, from: client)
    #expect(harness.audits == ["carriedOut 12/0 send-key", "carriedOut 12/0 stop"])
    harness.wait(.seconds(60))
    harness.send(#"{"execute":"send-key","arguments":{"keys":[]}}"#, from: client)
    #expect(harness.audits.last == "carriedOut 12/0 send-key" && harness.audits.count == 3)
}

@Test func theAuditIsBounded() throws {
    let harness = QMPServerHarness(.operator)
    let client = harness.negotiatedClient()
    harness.send(
        #"{"execute":"job-cancel","arguments":{"id":"\#(String(repeating: "é", count: 1000))"}}"#, from: client)
    harness.qemuReplies()
    harness.send(#"{"execute":"\#(String(repeating: "x", count: 1000))"}"#, from: client)
    try #require(harness.audits.count == 2)
    #expect(harness.audits[0].count < 240 && harness.audits[0].hasSuffix("…"))
    #expect(harness.audits[1].count < 300)
}
