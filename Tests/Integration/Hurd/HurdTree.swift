import Linux
import TestSupport
import Testing

/// The stand-in for Debian's GNU/Hurd image, in the workspace's folder `images`.
extension Workspace {
    /// A raw copy; where its root file system begins is `HurdTree.offset`.
    func rawHurd(named name: String = "disk.img") throws -> String {
        let disk = "\(path)/images/\(name)"
        try shell("mkdir -p '\(path)/images' && qemu-img convert -f qcow2 -O raw '\(Guest.hurdStandIn.disk)' '\(disk)'")
        return disk
    }

    func hurd(named name: String = "disk.qcow2") throws -> String {
        let disk = "\(path)/images/\(name)"
        try shell("mkdir -p '\(path)/images' && cp '\(Guest.hurdStandIn.disk)' '\(disk)'")
        return disk
    }
}

/// What is on such a disk, in a folder in which its programs run: they are Linux's.
struct HurdTree {
    static let offset = 9 << 20
    let path: String

    /// The words that make an image of a raw disk known to debugfs.
    static func fileSystem(_ disk: String) -> String { "'\(disk)?offset=\(offset)'" }

    init(_ workspace: Workspace, of disk: String, format: String = "qcow2") throws {
        path = "\(workspace.path)/tree-\(disk.split(separator: "/").last ?? "")"
        try shell(
            """
            mkdir '\(path)' && qemu-img convert -f \(format) -O raw '\(disk)' '\(path).raw'
            cd '\(path)' && debugfs -R 'rdump / .' \(Self.fileSystem("\(path).raw")) 2>&1 && rm '\(path).raw'
            mknod -m 666 dev/null c 1 3 && mknod -m 666 dev/urandom c 1 9
            """)
    }

    /// Runs `command` in it as its root; what it has started ends with it.
    func run(_ command: String) throws -> String {
        let inside = """
            mount -t proc proc "$0/proc" && exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c "$1"
            """
        return try shell(
            "unshare --mount --pid --fork --kill-child sh -ec \(shellQuoted(inside)) '\(path)' \(shellQuoted(command)) 2>&1"
        )
    }

    /// A boot to runlevel 2 as sysvinit does it, and then `command`, while what was started still runs.
    func boot(then command: String = ":") throws -> String {
        try run("RUNLEVEL=2 PREVLEVEL=N /etc/init.d/rc 2 </dev/null; \(command)")
    }

    /// One line for each file: path, type, mode, owner, target, and its content's hash; and one for what insserv's tables mean.
    /// It writes them in any order.
    func snapshot() throws -> Set<String> {
        let meaning = #"""
            for my $name (qw(boot start stop)) {
                open my $table, '<', "etc/init.d/.depend.$name" or die;
                my (%needs, %all, $visit);
                while (<$table>) {
                    if (/^TARGETS = (.*)/) { @all{split ' ', $1} = () }
                    elsif (/^(\S+): (.*)/) { $needs{$1} = [split ' ', $2] }
                }
                $visit = sub { my ($of, $seen) = @_; $seen->{$_}++ or $visit->($_, $seen) for @{ $needs{$of} || [] }; $seen };
                print "$name: $_ needs @{[sort keys %{ $visit->($_, {}) }]}\n" for sort keys %all;
            }
            """#
        let list = """
            cd '\(path)' && find . -path ./proc -prune -o -printf '%P %y %m %U:%G %l\\n'
            find . -path ./proc -prune -o -type f ! -name '.depend.*' -exec sha256sum {} +
            perl -e \(shellQuoted(meaning))
            """
        return Set(try shell(list).split(separator: "\n").map(String.init))
    }

    func read(_ file: String) throws -> String {
        String(decoding: try readFile("\(path)/\(file)", limit: 1 << 20), as: UTF8.self)
    }
}

/// What differs between two snapshots: the paths, in order.
func changed(_ before: Set<String>, _ after: Set<String>) -> [String] {
    let paths = before.symmetricDifference(after).map { line -> String in
        if let file = line.firstMatch(of: /^[0-9a-f]{64} +\.\/(.*)$/) { return String(file.1) }
        return String(line.prefix { $0 != " " })
    }
    return Set(paths).sorted()
}
