import Glibc
import Linux
import Seed

/// The image of a typical seed, without the hashing: in drover's own process, and by the programs people use.
func measureSeedImage(in folder: String) throws {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@example\n"
    let hash = "$6$0123456789abcdef$" + String(repeating: "x", count: 86)
    let tree = ISOTree(
        files: [
            ISOFile(name: "meta-data", contents: [UInt8](repeating: UInt8(ascii: "m"), count: 82)),
            ISOFile(name: "user-data", contents: [UInt8](repeating: UInt8(ascii: "u"), count: 923)),
        ],
        // And the kit.
        directories: [
            ISODirectory(
                name: "drover",
                files: [
                    ("authorized_keys", key), ("hostname", "hurd\n"), ("instance-id", "drover-0\n"),
                    ("shadow", "root:\(hash)\nagents:\(hash)\n"), ("user", "agents\n"),
                ].map { ISOFile(name: $0, contents: Array($1.utf8)) },
                directories: [
                    ISODirectory(
                        name: "kit",
                        files: [("agent", 22_000), ("apply", 10_000), ("install", 9_000)].map { name, size in
                            ISOFile(name: name, contents: [UInt8](repeating: UInt8(ascii: "k"), count: size))
                        })
                ])
        ])
    var times: [Duration] = []
    for _ in 0..<1001 {
        let before = Instant.now()
        _ = try ISOImage(tree).encoded()
        times.append(Instant.now() - before)
    }
    row("seed image, drover", milliseconds(median(times)), "under 1 ms")

    let source = "\(folder)/seed"
    try SeedFolder.write(tree, to: source)
    for (name, arguments) in [
        ("genisoimage", ["-quiet", "-R", "-J", "-V", "cidata", "-o", "\(folder)/seed.iso", source]),
        ("xorriso", ["-as", "mkisofs", "-quiet", "-R", "-J", "-V", "cidata", "-o", "\(folder)/seed.iso", source]),
    ] {
        var times: [Duration] = []
        for _ in 0..<21 {
            let before = Instant.now()
            let null = try Descriptor.open("/dev/null", .readWrite)
            let pid = try Spawn(
                path: "/usr/bin/\(name)", arguments: [name] + arguments, environment: ["LC_ALL=C"],
                descriptors: [null, null, null], parentDeathSignal: .kill
            ).start()
            guard try waitForChild(pid) == .exited(0) else { throw Errno.invalidArgument }
            times.append(Instant.now() - before)
        }
        row("seed image, \(name)", milliseconds(median(times)))
    }
}

/// The tree as files, for programs that want them so.
private enum SeedFolder {
    static func write(_ tree: ISOTree, to folder: String) throws {
        try SeedFolder.make(folder)
        try write(tree.files, tree.directories, to: folder)
    }

    private static func write(_ files: [ISOFile], _ directories: [ISODirectory], to folder: String) throws {
        try write(files, to: folder)
        for directory in directories {
            try make("\(folder)/\(directory.name)")
            try write(directory.files, directory.directories, to: "\(folder)/\(directory.name)")
        }
    }

    private static func write(_ files: [ISOFile], to folder: String) throws {
        for file in files {
            try Descriptor.open("\(folder)/\(file.name)", [.writeOnly, .create]).writeAll(file.contents)
        }
    }

    private static func make(_ folder: String) throws {
        try retryingInterrupts { mkdir(folder, 0o700) }
    }
}
