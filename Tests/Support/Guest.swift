/// A guest that `scripts/guest` builds.
package enum Guest: String {
    case micro, mach, debian, pristine
    case hurdStandIn = "hurd_standin"

    /// Where `scripts/test` says that the disk is.
    package var disk: String {
        get throws { try prepared("DROVER_GUEST_\(rawValue.uppercased())") }
    }
}

/// What `scripts/test` says in the environment for the suites on the real QEMU.
package func prepared(_ name: String) throws -> String {
    guard let value = environment(name) else {
        throw TestFailure("\(name) is not set; run these tests by scripts/test integration")
    }
    return value
}
