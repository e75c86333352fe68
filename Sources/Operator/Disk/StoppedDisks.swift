import Basics
import Machine

/// The disks of a machine that does not run, as its environment names them.
public enum StoppedDisks {
    /// Those that the guest may write to, the system disk first. That nobody has them is not known: qemu-img finds out.
    ///
    /// - Parameter number: of the only one that is asked for, counted from 0 with those that are read-only.
    /// - Throws: the first thing that is wrong with them, or with the variables.
    public static func find(
        _ environment: [String: String], only number: Int? = nil
    ) throws(ClientFailure) -> [DiskImage] {
        let parsed = Configuration.parse(environment)
        if let fault = parsed.faults.first { throw ClientFailure(fault) }
        var configuration = parsed.configuration
        // They are meant as they are, not what a run would lay over them.
        configuration.disks.snapshot = false
        var images: [DiskImage] = []
        let settings = configuration.disks.all
        for (index, (disk, inspection)) in zip(settings, HostFacts.disks(for: configuration)).enumerated()
        where !disk.readOnly && (number ?? index) == index {
            if let fault = inspection.faults.first { throw ClientFailure(fault) }
            guard let image = inspection.image, !inspection.isMissing else {
                throw ClientFailure(.absent, "\(quoted(disk.path)) is not there yet: the first run creates it")
            }
            images.append(image)
        }
        if let number, images.isEmpty {
            throw ClientFailure(
                .usage, "the machine has no disk \(number) that it writes to; it has \(settings.count) in all")
        }
        return images
    }
}
