import Basics
import Linux

/// A directory in which the overlay of a throw-away disk could lie (`QEMU_SNAPSHOT`).
public struct OverlayPlace: Equatable, Sendable {
    public let path: String
    /// In bytes.
    public let free: Int64
    public let isMemory: Bool

    public init(path: String, free: Int64, isMemory: Bool) {
        self.path = path
        self.free = free
        self.isMemory = isMemory
    }

    /// The directory of an image; nil when this process can make no file there.
    static func beside(_ image: DiskImage) -> OverlayPlace? {
        let directory = directoryName(image.top.file.path)
        guard image.top.file.kind == .regular, canAccess(directory, writing: true, searching: true) else { return nil }
        return OverlayPlace(lookingAt: directory)
    }

    /// The directory, or as long as it is not there the one above, in which it will be made.
    static func runtime(_ directory: String) -> OverlayPlace {
        let found = OverlayPlace(lookingAt: RuntimeDirectory(directory).nearest)
        return OverlayPlace(path: directory, free: found?.free ?? 0, isMemory: found?.isMemory ?? false)
    }

    private init?(lookingAt directory: String) {
        guard let free = try? freeSpace(directory) else { return nil }
        let isMemory = try? Descriptor.open(directory, .directory).isInMemory()
        self.init(path: directory, free: free, isMemory: isMemory ?? false)
    }

    private static let littleRoom: Int64 = 1 << 30

    /// Beside the image unless there is next to no room, as the runtime directory is memory as a rule.
    ///
    /// - Parameter size: that of the guest's disk, which is all that an overlay can come to hold.
    static func choose(beside: OverlayPlace?, runtime: OverlayPlace, size: Int64) -> OverlayPlace {
        guard let beside else { return runtime }
        let hasRoom = beside.free >= min(size, littleRoom)
        return hasRoom || beside.free >= runtime.free ? beside : runtime
    }
}

extension DiskInspection {
    /// The same disk under an overlay that is gone at the end: nothing of the disk itself is written.
    func thrownAway(in runtimeDirectory: String) -> DiskInspection {
        guard let image else { return self }
        let place = OverlayPlace.choose(
            beside: .beside(image), runtime: .runtime(runtimeDirectory), size: image.top.virtualSize)
        return thrownAway(in: place)
    }

    func thrownAway(in place: OverlayPlace) -> DiskInspection {
        guard let image else { return self }
        var result = self
        result.image = image.underOverlay(in: place.path)
        let name = quoted(image.top.file.name)
        result.warnings.append(
            "QEMU_SNAPSHOT: what the guest writes to \(name) is thrown away at the end of this run; "
                + "until then it lies in \(quoted(place.path))")
        if place.isMemory {
            result.warnings.append(
                "QEMU_SNAPSHOT: \(quoted(place.path)) is memory, and what the guest writes to \(name) counts against the "
                    + "container's limit; an image in a directory with room, that this uid may write, has it on disk")
        }
        if place.free < image.top.virtualSize {
            result.warnings.append(
                "QEMU_SNAPSHOT: the guest may write \(MiB(bytes: image.top.virtualSize)) to \(name), and "
                    + "\(quoted(place.path)) has \(MiB(bytes: place.free)) free; make room there")
        }
        return result
    }
}

extension DiskImage {
    fileprivate func underOverlay(in directory: String) -> DiskImage {
        let file = DiskFile(overlayOf: top.file, in: directory)
        return DiskImage(
            variable: variable, top: DiskLayer(file, format: .qcow2, virtualSize: top.virtualSize), backing: layers,
            backingIsFixed: true)
    }
}
