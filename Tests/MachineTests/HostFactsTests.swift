import Linux
import TestSupport
import Testing

@testable import Machine

@Test func onlyWhatIsOpenIsProbed() {
    let never = KVMProbe(
        status: { () throws(Errno) in
            Issue.record("KVM was probed")
            throw .noSuchFile
        }, measure: { () throws(Errno) in throw .noSuchFile })
    var configuration = Configuration()
    configuration.machine.accelerator = .tcg
    configuration.disks.drive.path = "/nonexistent/disk.qcow2"
    configuration.disks.further = [Configuration.Disk(path: "/nonexistent/second", format: .raw)]
    let facts = HostFacts.gather(for: configuration, kvm: never)
    #expect(facts.kvm == nil && facts.cdrom == nil)
    #expect(facts.drive.isMissing && facts.disks.map(\.isMissing) == [true])

    configuration.machine.accelerator = .auto
    let absent = KVMProbe(
        status: { () throws(Errno) in throw .noSuchFile }, measure: { () throws(Errno) in throw .noSuchFile })
    #expect(HostFacts.gather(for: configuration, kvm: absent).kvm == .absent)
}

@Test func thePortsThisProcessMayBind() {
    let cases: [(String?, String?, UInt16)] = [
        ("Name:\tx\nCapEff:\t0000000000000000\n", "1024\n", 1024),
        ("CapEff:\t0000000000000400\n", "1024\n", 1),
        ("CapEff:\t0000000000000000\n", "0\n", 1),
        ("CapEff:\t0000000000000000\n", "80\n", 80),
        (nil, nil, 1024),
    ]
    for (status, start, expected) in cases {
        let port = PortPrivilege.lowestPort { path in path == "/proc/self/status" ? status : start }
        #expect(port == expected)
    }
}

@Test func withTCGNothingIsProbed() {
    var configuration = Configuration()
    configuration.machine.accelerator = .tcg
    #expect(HostFacts.gather(for: configuration).kvm == nil)
}

@Test func whereBackupsCannotBe() throws {
    let folder = try TemporaryFolder()
    try folder.file("file", [])
    func fault(_ path: String) -> String? {
        var configuration = Configuration()
        configuration.machine.accelerator = .tcg
        configuration.backup.directory = path
        configuration.operation.runtimeDirectory = folder.path + "/run"
        return HostFacts.gather(for: configuration).backup?.description
    }
    #expect(fault(folder.path) == nil)
    let missing = "cannot be used: No such file or directory; mount a folder of the host there"
    #expect(fault("\(folder.path)/none") == "BACKUP_DIR: \"\(folder.path)/none\" \(missing)")
    #expect(
        fault("\(folder.path)/file")
            == "BACKUP_DIR: \"\(folder.path)/file\" is no directory; name the folder of the backups")
    try shell("mkdir -p '\(folder.path)/run/backup'")
    for (path, other) in [
        ("/", "/"), ("/proc", "/proc"), ("/dev/shm", "/dev"), ("\(folder.path)/run/backup", "\(folder.path)/run"),
    ] {
        let reason = "is no place for backups, as it is \(other) or in it; mount a folder of the host"
        #expect(fault(path) == "BACKUP_DIR: \"\(path)\" \(reason)")
    }
}

@Test func whereMetricsCannotBeServed() throws {
    let folder = try TemporaryFolder()
    try folder.file("file", [])
    func fault(_ address: ListenAddress) -> String? {
        var configuration = Configuration()
        configuration.machine.accelerator = .tcg
        configuration.operation.metrics = address
        configuration.operation.runtimeDirectory = "/run/drover-is-not-there"
        return HostFacts.gather(for: configuration).metrics?.description
    }
    #expect(fault(.ipv4("0.0.0.0", port: 9177)) == nil)
    #expect(fault(.ipv4("127.0.0.1", port: 9177)) == nil)
    #expect(fault(.ipv6("::", port: 9177)) == nil)
    #expect(fault(.unix(path: "\(folder.path)/sock")) == nil)
    #expect(fault(.unix(path: "/run/drover-is-not-there/sock")) == nil)
    let publish = "write 0.0.0.0, and have the runtime publish the port where it is wanted"
    #expect(
        fault(.ipv4("192.0.2.7", port: 9177))
            == #"METRICS_LISTEN: "192.0.2.7" is no address of this container; \#(publish)"#)
    let mount = "mount a folder there, or write unix:/run/drover-is-not-there/metrics.sock"
    #expect(
        fault(.unix(path: "/none/sock"))
            == #"METRICS_LISTEN: the socket cannot be made in "/none": No such file or directory; \#(mount)"#)
    #expect(
        fault(.unix(path: "\(folder.path)/file"))
            == "METRICS_LISTEN: \"\(folder.path)/file\" is there, and no socket; name another path")
}
