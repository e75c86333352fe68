import Basics
import Linux

/// What a URL leads to, through as many connections as that takes.
struct Fetch {
    /// After a try that has brought nothing; one that has is followed by another after the first of them.
    static let pauses: [Duration] = [1, 2, 4, 8, 16].map { .seconds($0) }
    /// From one line about it to the next.
    private static let step: Int64 = 256 << 20

    let download: Download

    /// - Throws: `.deadline` when nothing has come for some tries.
    func run(into image: IncomingImage, progress: (String) -> Void) throws(ClientFailure) {
        if image.count > 0 {
            progress("\(quoted(image.path)) has \(MiB(bytes: image.count)) of it already; going on from there")
        }
        var fruitless = 0
        var told = image.count
        while true {
            let before = image.count
            let end = try download.run(from: before) { (bytes) throws(ClientFailure) in
                try image.take(bytes)
                if image.count - told >= Self.step {
                    told = image.count
                    progress("\(MiB(bytes: told)) so far")
                }
            }
            guard case .broken(let reason) = end else { return }
            fruitless = image.count > before ? 0 : fruitless + 1
            guard fruitless < Self.pauses.count else {
                throw ClientFailure(
                    .deadline,
                    "--from \(download.url.shown): \(reason), after \(MiB(bytes: image.count)); repeat it: it goes on there"
                )
            }
            let pause = Self.pauses[fruitless]
            progress("\(reason), after \(MiB(bytes: image.count)); trying again in \(pause.brief)")
            _ = try? poll([], until: .now() + pause)
        }
    }
}
