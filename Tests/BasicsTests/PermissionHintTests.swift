import Basics
import Linux
import Testing

@Test func hintsNameTheIdsAndTheRemedy() {
    let process = ProcessIdentity(user: 1000, group: 1000, groups: [44])
    func file(_ mode: UInt32, _ owner: UInt32, _ group: UInt32) -> FileStatus {
        FileStatus(kind: .regular, permissions: mode, owner: owner, group: group)
    }
    let cases: [(String, String)] = [
        (
            PermissionHint.file(.disk, "/d/hurd.qcow2", file(0o644, 0, 0), process),
            "this process is 1000:1000, \"/d/hurd.qcow2\" belongs to 0:0 with mode 0644; "
                + "on the host: chown 1000:1000 /d/hurd.qcow2"
        ),
        (
            PermissionHint.file(.disk, "/d/my disk", file(0o600, 107, 108), process),
            "this process is 1000:1000, \"/d/my disk\" belongs to 107:108 with mode 0600; compose: user: \"107:108\""
        ),
        (
            PermissionHint.file(.disk, "/d/it's", file(0o400, 1000, 1000), process),
            "this process is 1000:1000, \"/d/it's\" belongs to 1000:1000 with mode 0400; chmod u+rw '/d/it'\\''s'"
        ),
        (
            PermissionHint.file(.runtimeDirectory, "/run/drover", file(0o755, 0, 0), process),
            "this process is 1000:1000, \"/run/drover\" belongs to 0:0 with mode 0755; "
                + "compose: tmpfs: [\"/run/drover:uid=1000,gid=1000,mode=0700\"]"
        ),
        (
            PermissionHint.kvm(mode: 0o660, owner: 0, group: 104, process),
            "this process is 1000:1000, \"/dev/kvm\" belongs to 0:104 with mode 0660; compose: group_add: [\"104\"]"
        ),
        (
            PermissionHint.kvm(mode: 0o600, owner: 0, group: 0, process),
            "this process is 1000:1000, \"/dev/kvm\" belongs to 0:0 with mode 0600; "
                + "on the host: chgrp kvm /dev/kvm && chmod 660 /dev/kvm, then start again"
        ),
        (
            PermissionHint.kvm(mode: 0o660, owner: 0, group: 44, process),
            "this process is 1000:1000, \"/dev/kvm\" belongs to 0:44 with mode 0660; compose: devices: [\"/dev/kvm\"]"
        ),
    ]
    for (hint, expected) in cases { #expect(hint == expected) }
}
