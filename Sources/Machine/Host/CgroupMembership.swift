import Basics

/// A line of `/proc/self/cgroup`: `4:memory:/path`; `0::/path` is v2.
struct CgroupMembership {
    let controllers: [Substring]
    let path: Substring
    let isUnified: Bool

    init?(_ line: Substring) {
        let fields = line.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        controllers = Substring(fields[1]).fields(at: ",")
        path = Substring(fields[2])
        isUnified = controllers.isEmpty && fields[0].elementsEqual("0".utf8)
    }
}
