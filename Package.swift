// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "drover",
    targets: [
        .executableTarget(
            name: "drover",
            dependencies: [
                "Supervision", "Metrics", "Backup", "Operator", "Seed", "Machine", "QMP", "JSON", "Basics", "Linux",
            ]),
        // What is served by HTTP: metrics and health checks.
        .target(name: "Metrics", dependencies: ["Operator", "Machine", "QMP", "JSON", "Basics", "Linux"]),
        // The folder of the backups.
        .target(name: "Backup", dependencies: ["Operator", "Machine", "QMP", "JSON", "Basics", "Linux"]),
        // The clients of PID 1's sockets.
        .target(name: "Operator", dependencies: ["Machine", "QMP", "JSON", "Basics", "Linux"]),
        .target(name: "Supervision", dependencies: ["Machine", "QMP", "JSON", "Basics", "Linux"]),
        .target(name: "Machine", dependencies: ["JSON", "Basics", "Linux"]),
        // Every seed brings the guest kit.
        .target(
            name: "Seed", dependencies: ["Machine", "JSON", "Basics", "Linux"],
            resources: [.embedInCode("Kit/agent"), .embedInCode("Kit/apply"), .embedInCode("Kit/install")]),
        .target(name: "QMP", dependencies: ["JSON", "Basics", "Linux"], exclude: ["JSON"]),
        .target(name: "JSON", path: "Sources/QMP/JSON"),
        // What more than one room says: faults, exit codes, sizes, safe text.
        .target(name: "Basics", dependencies: ["Linux"]),
        .target(name: "Linux", dependencies: ["CLinux"]),
        // libcrypt-dev brings the header, and the archive for a static program.
        .target(name: "CLinux", linkerSettings: [.linkedLibrary("crypt")]),

        // What more than one of the test targets uses.
        .target(name: "TestSupport", dependencies: ["Linux"], path: "Tests/Support"),
        // Plays QEMU where the real one cannot be made to misbehave.
        .executableTarget(name: "StandIn", path: "Tests/StandIn"),
        // A run with children: no subcommand has any yet.
        .executableTarget(
            name: "ChildRun", dependencies: ["Supervision", "Machine", "QMP", "Basics", "Linux"], path: "Tests/ChildRun"
        ),
        // What scripts/bench runs.
        .executableTarget(name: "Bench", dependencies: ["Seed", "Linux"], path: "Tests/Bench"),

        .testTarget(name: "BasicsTests", dependencies: ["Basics", "Linux", "TestSupport"]),
        .testTarget(
            name: "DroverTests",
            dependencies: ["drover", "Supervision", "Metrics", "Operator", "Machine", "Basics", "TestSupport"]),
        .testTarget(
            name: "SupervisionTests",
            dependencies: [
                "Supervision", "Machine", "QMP", "JSON", "Basics", "Linux", "TestSupport", "StandIn", "ChildRun",
            ]),
        .testTarget(
            name: "OperatorTests", dependencies: ["Operator", "QMP", "JSON", "Basics", "Linux", "TestSupport"]),
        .testTarget(
            name: "MetricsTests",
            dependencies: ["Metrics", "Operator", "Machine", "QMP", "JSON", "Basics", "Linux", "TestSupport"]),
        .testTarget(
            name: "BackupTests",
            dependencies: ["Backup", "Operator", "Machine", "JSON", "Basics", "Linux", "TestSupport"]),
        .testTarget(
            name: "MachineTests", dependencies: ["Machine", "Basics", "Linux", "TestSupport"],
            exclude: ["Golden", "adopted-lines.txt"]),
        .testTarget(name: "SeedTests", dependencies: ["Seed", "Machine", "Basics", "Linux", "TestSupport"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "QMPTests", dependencies: ["QMP", "JSON", "Basics", "Linux", "TestSupport"]),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestSupport"]),
        // What needs a program or a privilege that a build machine may lack.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Supervision", "Backup", "Operator", "Machine", "Seed", "QMP", "JSON", "Basics", "Linux", "StandIn",
                "TestSupport",
            ],
            path: "Tests/Integration", exclude: ["Clients"]),
        // The image in a real Docker engine, by scripts/test container.
        .testTarget(
            name: "ContainerTests", dependencies: ["Machine", "Basics", "Linux", "TestSupport"],
            path: "Tests/Container",
            exclude: ["Edge/Dockerfile", "Edge/inside.py", "Edge/requests.py", "Monitoring", "forbidden.pl"]),
        // The manifests on a real Kubernetes, by scripts/test kubernetes.
        .testTarget(
            name: "KubernetesTests", dependencies: ["Basics", "Linux", "TestSupport"], path: "Tests/Kubernetes",
            exclude: ["kvm-plugin.py", "restricted.py", "schemas.py"]),
    ],
    swiftLanguageModes: [.v6]
)

// The image is built from Sources alone, so that a change in a test builds nothing anew there.
if Context.environment["DROVER_WITHOUT_TESTS"] != nil {
    package.targets.removeAll { $0.path?.hasPrefix("Tests/") ?? $0.isTest }
}
