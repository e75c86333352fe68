import Glibc
import Linux
import Machine
import Supervision

Descriptor.fillStandardNumbers()
let signals = try SignalDescriptor()
try becomeSubreaper()
var machine = Machine(
    ram: MiB(256), translationBuffer: MiB(128),
    drives: [.init(.disk, path: CommandLine.arguments[1], format: .qcow2, readOnly: false)])
machine.networkCard = .init(
    model: .e1000, mac: "52:54:00:11:22:33",
    forwards: [.init(hostAddress: "127.0.0.1", hostPort: 22221, guestPort: 22)], restricted: false)
let supervisor = Supervisor(steps: [.init(accelerator: .tcg, cpu: "max")], ladder: .init(budget: .seconds(10)))
let log = Log(format: .text, lowestLevel: .debug)
let loop = try EventLoop(
    machine: machine, supervisor: supervisor, qemuPath: "/usr/bin/qemu-system-x86_64", log: log, logsConsole: true,
    signals: signals)
exit(loop.run().rawValue)
