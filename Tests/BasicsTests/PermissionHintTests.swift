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
                + "as root on the host, by the file's name there: chown 1000:1000 /d/hurd.qcow2"
        ),
        (
            PermissionHint.file(.disk, "/d/my disk", file(0o600, 107, 108), process),
            "this process is 1000:1000, \"/d/my disk\" belongs to 107:108 with mode 0600; compose: user: \"107:108\""
        ),
        (
            PermissionHint.file(.disk, "/d/it's", file(0o400, 1000, 1000), process),
            "this process is 1000:1000, \"/d/it's\" belongs to 1000:1000 with mode 0400; "
                + "on the host, by the file's name there: chmod u+rw '/d/it'\\''s'"
        ),
        (
            PermissionHint.file(.runtimeDirectory("/run/drover"), "/run/drover", file(0o755, 0, 0), process),
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

/// Rootless Podman's map of a user whose number on the host is 1000, and whose range begins at 100000.
private let namespace = ProcessIdentity(
    user: 10001, group: 10001, userIDs: IDMap("0 1000 1\n1 100000 65536\n"),
    groupIDs: IDMap("         0       1000          1\n         1     100000      65536\n"))

@Test func hintsInAUserNamespaceNameWhatWorksThere() {
    let foreign = FileStatus(kind: .regular, permissions: 0o600, owner: 65534, group: 65534)
    let disk = PermissionHint.file(.disk, "/d/hurd.qcow2", foreign, namespace)
    #expect(
        disk == "this process is 10001:10001 in a user namespace, \"/d/hurd.qcow2\" belongs to 65534:65534 "
            + "(65534: an id that the namespace does not map) with mode 0600; "
            + "rootless Podman: --userns=keep-id:uid=10001,gid=10001 if the file is your own, or "
            + "podman unshare chown 10001:10001 /d/hurd.qcow2, else as root: chown 110000:110000 /d/hurd.qcow2")
    let mapped = FileStatus(kind: .regular, permissions: 0o600, owner: 0, group: 0)
    for subject in [PermissionHint.Subject.disk, .secret] {
        let hint = PermissionHint.file(subject, "/d/x", mapped, namespace)
        #expect(hint.contains("podman unshare chown 10001:10001 /d/x") && !hint.contains("compose: user:"), "\(hint)")
    }
    let kvm = PermissionHint.kvm(mode: 0o660, owner: 65534, group: 65534, namespace)
    #expect(kvm.contains("--group-add keep-groups") && !kvm.contains("group_add: ["), "\(kvm)")
    #expect(namespace.userIDs.outside(0) == 1000)
    #expect(namespace.userIDs.outside(65537) == nil)
}

/// A remedy that changes what is right already would do nothing.
@Test func aDenialThatTheModeDoesNotExplainIsToldAsOne() {
    let file = FileStatus(kind: .regular, permissions: 0o444, owner: 0, group: 0)
    var root = ProcessIdentity(user: 0, group: 0)
    let bare = PermissionHint.file(.secret, "/s", file, root, needed: 0o4)
    #expect(bare.contains("with mode 0444, which permits it; so another rule denies it: SELinux"), "\(bare)")
    #expect(!bare.contains("chown") && !bare.contains("chmod"))
    root.confinement = "docker-default (enforce)"
    #expect(
        PermissionHint.file(.secret, "/s", file, root, needed: 0o4)
            .contains("this process is \"docker-default (enforce)\" to it"))
    // Written, it is the mode after all.
    #expect(PermissionHint.file(.disk, "/s", file, root, needed: 0o6).contains("chmod u+rw /s"))
}

/// What the compose files say of the host is what a remedy names: the container's own path is no file there.
@Test func aRemedyNamesTheHostsFile() {
    var process = ProcessIdentity(user: 10001, group: 10001)
    process.hostFolders = HostFolders(disk: "/srv/my disks", secrets: "../secrets")
    let (disk, secret) = ("/opt/hurd-image/hurd.qcow2", "/run/secrets/root_password")
    func file(_ owner: UInt32) -> FileStatus {
        FileStatus(kind: .regular, permissions: 0o600, owner: owner, group: owner)
    }
    #expect(
        PermissionHint.file(.disk, disk, file(0), process).hasSuffix(
            "; as root on the host: chown 10001:10001 '/srv/my disks/hurd.qcow2'"))
    #expect(
        PermissionHint.file(.disk, disk, file(1000), process).hasSuffix(
            "; compose: user: \"1000:1000\", which is DROVER_USER in .env"))
    let place = "on the host, in the folder of compose.yaml: "
    #expect(
        PermissionHint.file(.secret, secret, file(0), process, needed: 0o4).hasSuffix(
            "; as root \(place)chown 10001:10001 ../secrets/root_password && chmod 400 ../secrets/root_password"))
    #expect(PermissionHint.secret(secret, owner: 10001, process) == "\(place)chmod 400 ../secrets/root_password")
}
