import Basics
import Linux
import Machine

/// Makes the disks ready for QEMU, before there is an event loop: creates the system disk, finds the files of all, makes
/// overlays to be thrown away, grows the system disk. A stop is heeded meanwhile.
public struct DiskPreparer {
    /// Why QEMU is not to be started.
    public enum Interruption: Error, Equatable, Sendable {
        /// A stop was asked for, and qemu-img has been ended.
        case stopped
        case failed(ExitCode, String)
    }

    /// Metadata of 64 TiB are written in seconds; a file system that takes longer than this is stuck.
    private static let time = Duration.seconds(600)

    private let qemuImgPath: String
    private let signals: SignalDescriptor

    public init(qemuImgPath: String, signals: SignalDescriptor) {
        self.qemuImgPath = qemuImgPath
        self.signals = signals
    }

    /// - Returns: the files of all drives in the order of their descriptors. They are those that were checked, and stay so,
    ///   whatever happens to their names. And whether the system disk has kept its size, for it is a Hurd's.
    public func carryOut(
        _ preparation: DiskPreparation, for machine: VirtualMachine
    ) throws(Interruption) -> (files: [Descriptor], isKept: Bool) {
        var images = machine.drives.map(\.image)
        if case .create(let path, let image) = preparation {
            images[0].top.file.identity = try create(path, for: "QEMU_DRIVE", image.arguments)
        }
        var found: [[Descriptor]] = []
        for (image, drive) in zip(images, machine.drives) {
            found.append(try find(image, toWrite: !drive.readOnly))
        }
        for (index, image) in images.enumerated() {
            guard let directory = image.overlayDirectory else { continue }
            let overlay = try makeUnnamed(
                in: directory, for: "QEMU_SNAPSHOT", NewImage(.throwAway, size: image.top.virtualSize).arguments, [],
                [image.top.file])
            found[index].insert(overlay, at: 0)
        }
        let firmware = try machine.firmware.map { (firmware) throws(Interruption) in try files(of: firmware) } ?? []
        var isKept = false
        if case .grow(let size) = preparation {
            isKept = try isHurds(images[0], found[0])
            if !isKept { try run(DiskPreparation.growth(of: images[0], to: size), found[0], images[0].files) }
        }
        return (found.flatMap { $0 } + firmware, isKept)
    }

    /// The variables are made of their origin, if they are not there.
    private func files(of firmware: UEFIFirmware) throws(Interruption) -> [Descriptor] {
        let code = try find(firmware.code)
        var variables = firmware.variables
        if let origin = firmware.origin {
            let copying = ["qemu-img"] + DiskPreparation.conversion(of: origin, to: .qcow2)
            let files = try find(origin)
            if let directory = variables.overlayDirectory {
                return code + [try makeUnnamed(in: directory, for: "QEMU_FIRMWARE", copying, files, origin.files)]
            }
            variables.top.file.identity = try create(
                variables.top.file.path, for: "QEMU_FIRMWARE", copying, files, origin.files)
        }
        return code + (try find(variables))
    }

    private func find(_ image: DiskImage, toWrite: Bool = false) throws(Interruption) -> [Descriptor] {
        do throws(Fault) {
            return toWrite ? try image.findToWrite() : try image.find()
        } catch {
            throw .failed(ExitCode(error.kind), error.description)
        }
    }

    /// False too when it cannot be found out: what is wrong with the disk, growing it tells better.
    private func isHurds(_ image: DiskImage, _ files: [Descriptor]) throws(Interruption) -> Bool {
        guard let sector = try read(HurdDisk.table, of: image, files) else { return false }
        for place in HurdDisk.superblocks(sector, onDiskOf: image.top.virtualSize) {
            if let superblock = try read(place, of: image, files), HurdDisk.isHurds(superblock) { return true }
        }
        return false
    }

    private func read(
        _ bytes: Range<Int>, of image: DiskImage, _ files: [Descriptor]
    ) throws(Interruption) -> [UInt8]? {
        do {
            let copy = try Descriptor.memory("drover-disk")
            try run(DiskPreparation.reading(bytes, of: image), files + [copy], image.files)
            var contents = [UInt8](repeating: 0, count: bytes.count)
            return try copy.read(into: &contents, from: 0, at: 0) == bytes.count ? contents : nil
        } catch Interruption.stopped {
            throw .stopped
        } catch {
            return nil
        }
    }

    /// A creation that is interrupted leaves no half of a disk behind: the file gets its name when it is whole.
    ///
    /// - Parameters:
    ///   - arguments: qemu-img's, for which the new file comes after `sources`.
    ///   - files: those of `sources`.
    private func create(
        _ path: String, for variable: String, _ arguments: [String], _ sources: [Descriptor] = [],
        _ files: [DiskFile] = []
    ) throws(Interruption) -> FileIdentity {
        func failure(_ error: Errno) -> Interruption {
            .failed(ExitCode(Fault.Kind(error)), "\(variable): \(quoted(path)) cannot be created: \(error)")
        }
        let temporary = path + ".creating"
        try? removeFile(temporary)
        defer { try? removeFile(temporary) }
        let file: Descriptor
        do throws(Errno) {
            file = try .open(temporary, [.readWrite, .create, .exclusive], mode: 0o600)
        } catch {
            throw failure(error)
        }
        try run(arguments, sources + [file], files + [DiskFile(toBeMadeAt: path)])
        do throws(Errno) {
            // A file that somebody has put there meanwhile is not replaced.
            try file.link(as: path)
            return try file.status().identity
        } catch {
            throw failure(error)
        }
    }

    /// What is gone with the run. Parameters as above.
    private func makeUnnamed(
        in directory: String, for variable: String, _ arguments: [String], _ sources: [Descriptor], _ files: [DiskFile]
    ) throws(Interruption) -> Descriptor {
        let file: Descriptor
        let named: FoundFile
        do throws(Errno) {
            file = try .unnamedFile(in: directory)
            named = try FoundFile(behind: file)
        } catch {
            throw .failed(
                ExitCode(Fault.Kind(error)), "\(variable): no file can be made in \(quoted(directory)): \(error)")
        }
        try run(arguments, sources + [file], files)
        return named.descriptor
    }

    private func run(_ arguments: [String], _ descriptors: [Descriptor], _ files: [DiskFile]) throws(Interruption) {
        let names = DescriptorNames(files, from: DiskPreparation.firstDescriptor)
        let ending: Ending
        do throws(Errno) {
            let (messages, output) = try Descriptor.pipe()
            let pid = try spawn(arguments, output, descriptors)
            ending = try wait(for: pid, messages)
        } catch {
            throw .failed(.unavailable, "qemu-img cannot be run: \(error)")
        }
        switch ending {
        case .exited(.exited(0), _): return
        case .exited(let status, let words): throw failure(status, words.map(names.spelledOut))
        case .stopped: throw .stopped
        case .stuck:
            throw .failed(.tryAgain, "qemu-img took longer than \(Self.time.brief); look at the disk's file system")
        }
    }

    private func spawn(
        _ arguments: [String], _ output: Descriptor, _ inherited: [Descriptor]
    ) throws(Errno) -> Int32 {
        try Spawn(
            path: qemuImgPath, arguments: arguments, environment: QEMUEnvironment.variables,
            descriptors: [try Descriptor.open("/dev/null"), output, output] + inherited, parentDeathSignal: .kill,
            blockedSignals: Signal.endings
        ).start()
    }

    private enum Ending {
        /// With its last words.
        case exited(WaitStatus, [String])
        case stopped
        case stuck
    }

    private func wait(for pid: Int32, _ messages: Descriptor) throws(Errno) -> Ending {
        var deadline = Instant.now() + Self.time
        var isStopped = false
        while try signals.descriptor.wait(until: .readable, deadline) {
            for (signal, _) in try signals.read() {
                switch SignalPolicy(for: signal) {
                case .stop, .stopOnce, .stopNow:
                    try send(.kill, to: pid)
                    isStopped = true
                    deadline = min(deadline, .now() + ShutdownLadder.quitTime)
                case .reap, .ignore, .fatal, .kernel:
                    break
                }
            }
            while let (ended, status) = try reapChild() {
                if ended == pid { return isStopped ? .stopped : .exited(status, try lastWords(messages)) }
            }
        }
        try send(.kill, to: pid)
        return isStopped ? .stopped : .stuck
    }

    private func lastWords(_ messages: Descriptor) throws(Errno) -> [String] {
        try messages.setNonBlocking(true)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count: Int
        do throws(Errno) {
            count = try messages.read(into: &buffer)
        } catch .wouldBlock {
            return []
        }
        return String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func failure(_ status: WaitStatus, _ words: [String]) -> Interruption {
        let failure = QEMUFailure(lastWords: words)
        let remedy = failure.remedy.map { ": \($0)" } ?? ""
        return .failed(failure.exitCode, "qemu-img \(status): \(quoted(words.joined(separator: "; ")))\(remedy)")
    }
}
