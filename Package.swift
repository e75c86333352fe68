// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "drover",
    targets: [
        .executableTarget(name: "drover", dependencies: ["Supervision", "Machine", "Linux"]),
        .target(name: "Supervision", dependencies: ["Machine", "QMP", "Linux", "CLinux"]),
        .target(name: "Machine", dependencies: ["Linux", "CLinux"]),
        .target(name: "QMP"),
        .target(name: "Linux", dependencies: ["CLinux"]),
        .target(name: "CLinux"),

        .testTarget(name: "SupervisionTests", dependencies: ["Supervision", "Machine", "QMP", "Linux"]),
        .testTarget(name: "MachineTests", dependencies: ["Machine", "Linux"]),
        .testTarget(name: "QMPTests", dependencies: ["QMP"]),
        .testTarget(name: "LinuxTests", dependencies: ["Linux"]),
        // What needs a program or a privilege that a build machine may lack.
        .testTarget(name: "IntegrationTests", dependencies: ["Machine", "Linux"], path: "Tests/Integration"),
    ],
    swiftLanguageModes: [.v6]
)
