import Foundation
import TestSupport
import Testing

/// `scripts/lib/offline-build`, which has built the image under test: that it lets apt through, and nobody else.
@Suite(.serialized) struct OfflineBuildTests {
    private static let helper = "RUN /usr/lib/apt/apt-helper download-file"

    /// A file of Debian's archive, by http, wherever this machine's packages come from.
    private static let release: String? = {
        let archives = try? shell("'\(repository)/scripts/lib/debian-archives'")
        let archive = archives?.split(separator: "\n").first?.replacing("https://", with: "http://")
        return archive.map { "\($0)/dists/trixie/Release" }
    }()

    private func build(_ instruction: String) throws -> String {
        try shell(
            """
            printf 'FROM debian:trixie-slim\\n%s\\n' "\(instruction)" | PATH="$(dirname '\(Engine.client)'):$PATH" \
              '\(repository)/scripts/lib/offline-build' --no-cache --progress plain - 2>&1
            """)
    }

    @Test func debiansPackagesAreThere() throws {
        _ = try build("\(Self.helper) \(#require(Self.release)) /tmp/it")
    }

    @Test(arguments: [
        // By apt's own way, from elsewhere.
        ("\(helper) http://example.org/ /tmp/it", "403"),
        // Past the proxy, by name and by address.
        ("RUN bash -c 'echo >/dev/tcp/ARCHIVE/80'", "unreachable"),
        ("RUN bash -c 'echo >/dev/tcp/1.1.1.1/443'", "unreachable"),
        // By the engine itself.
        ("ADD RELEASE /tmp/it", "unreachable"),
    ])
    func nothingElseIs(_ instruction: String, _ reason: String) throws {
        let release = try #require(Self.release)
        let archive = try #require(URL(string: release)?.host)
        let placed = instruction.replacing("RELEASE", with: release).replacing("ARCHIVE", with: archive)
        let failure = try shellFailure { try build(placed) }
        #expect(failure.output.contains(reason), "\(failure)")
    }
}
