import TestSupport
import Testing

/// `scripts/lib/offline-build`, which has built the image under test: that it lets apt through, and nobody else.
@Suite(.serialized) struct OfflineBuildTests {
    private static let helper = "RUN /usr/lib/apt/apt-helper download-file"

    private func build(_ instruction: String) throws -> String {
        try shell(
            """
            printf 'FROM debian:trixie-slim\\n%s\\n' "\(instruction)" | PATH="$(dirname '\(Engine.client)'):$PATH" \
              '\(repository)/scripts/lib/offline-build' --no-cache --progress plain - 2>&1
            """)
    }

    @Test func debiansPackagesAreThere() throws {
        _ = try build("\(Self.helper) http://deb.debian.org/debian/dists/trixie/Release /tmp/it")
    }

    @Test(arguments: [
        // By apt's own way, from elsewhere.
        ("\(helper) http://example.org/ /tmp/it", "403"),
        // Past the proxy, by name and by address.
        ("RUN bash -c 'echo >/dev/tcp/deb.debian.org/80'", "unreachable"),
        ("RUN bash -c 'echo >/dev/tcp/1.1.1.1/443'", "unreachable"),
        // By the engine itself.
        ("ADD http://deb.debian.org/debian/dists/trixie/Release /tmp/it", "unreachable"),
    ])
    func nothingElseIs(_ instruction: String, _ reason: String) throws {
        let failure = try shellFailure { try build(instruction) }
        #expect(failure.output.contains(reason), "\(failure)")
    }
}
