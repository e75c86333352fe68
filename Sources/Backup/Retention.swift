import Basics
import Machine

/// Which backups stay, and in which order the others go. Counts them, and knows no clock: after a year without a backup,
/// nothing has become too old.
public struct Retention: Sendable {
    private let keep: Configuration.BackupKeep?

    /// - Parameter keep: nil: all of them.
    public init(_ keep: Configuration.BackupKeep?) {
        self.keep = keep
    }

    /// Why one stays.
    public enum Reason: Equatable, Sendable {
        case last, daily, weekly, monthly
        /// The newest one that is good.
        case lastGood
        /// The newest one that has passed a test.
        case lastProved
        /// One that stays is an increment of it, or of an increment of it.
        case neededBy(BackupID)
        /// It cannot be restored, so what it would be worth is not known: its owner decides.
        case unusable
    }

    public struct Point: Equatable, Sendable {
        public let id: BackupID
        public let parent: BackupID?
        /// Nothing is known that would keep it from being restored.
        public let isRestorable: Bool
        /// A test of it has not failed.
        public let isGood: Bool
        /// A test of it has passed.
        public let isProved: Bool

        /// - Parameter hasPassed: nil: it has not been tested.
        public init(id: BackupID, parent: BackupID?, isRestorable: Bool = true, hasPassed: Bool? = nil) {
            self.id = id
            self.parent = parent
            self.isRestorable = isRestorable
            isGood = isRestorable && hasPassed != false
            isProved = isRestorable && hasPassed == true
        }
    }

    public struct Decision: Equatable, Sendable {
        public var kept: [BackupID: [Reason]] = [:]
        /// No increment after what it lies over, so that nothing is left without its parent at any time; newer ones first.
        public var removed: [BackupID] = []
    }

    public func decide(_ points: [Point]) -> Decision {
        let newestFirst = points.sorted { $0.id > $1.id }
        var decision = Decision()
        guard let keep else {
            for point in points { decision.kept[point.id] = [.last] }
            return decision
        }
        let rules: [(Reason, count: Int, bucket: (CivilTime, Int) -> Int)] = [
            (.last, keep.last, { _, place in place }), (.daily, keep.daily, { time, _ in time.day }),
            (.weekly, keep.weekly, { time, _ in time.week }),
            (.monthly, keep.monthly, { time, _ in time.date.year * 12 + time.date.month }),
        ]
        for (reason, count, bucket) in rules {
            var seen: Set<Int> = []
            for (place, point) in newestFirst.filter(\.isRestorable).enumerated() where seen.count < count {
                if seen.insert(bucket(CivilTime(second: point.id.second), place)).inserted {
                    decision.kept[point.id, default: []].append(reason)
                }
            }
        }
        let needed: [(Reason, Retention.Point?)] = [
            (.lastGood, newestFirst.first(where: \.isGood)), (.lastProved, newestFirst.first(where: \.isProved)),
        ]
        for (reason, point) in needed {
            if let point, decision.kept[point.id] == nil { decision.kept[point.id] = [reason] }
        }
        for point in points where !point.isRestorable { decision.kept[point.id] = [.unusable] }

        let parents = Dictionary(points.map { ($0.id, $0.parent) }) { first, _ in first }
        for id in Array(decision.kept.keys).sorted() {
            var next = parents[id] ?? nil
            while let parent = next, parents[parent] != nil, decision.kept[parent] == nil {
                decision.kept[parent] = [.neededBy(id)]
                next = parents[parent] ?? nil
            }
        }

        /// How many it lies over; a circle of parents has an end as well.
        func depth(_ id: BackupID) -> Int {
            var (count, next) = (0, parents[id] ?? nil)
            while let parent = next, count <= points.count {
                count += 1
                next = parents[parent] ?? nil
            }
            return count
        }
        // By depth first: a clock that was put back gives an increment an older name than its parent's.
        decision.removed = newestFirst.map(\.id).filter { decision.kept[$0] == nil }.map { ($0, depth($0)) }
            .sorted { ($0.1, $0.0) > ($1.1, $1.0) }.map(\.0)
        return decision
    }
}

extension BackupList {
    /// For `Retention`.
    public var points: [Retention.Point] {
        backups.map { manifest in
            Retention.Point(
                id: manifest.id, parent: manifest.parent,
                isRestorable: (try? chain(of: manifest.id)).map { damage(in: $0) == nil } ?? false,
                hasPassed: tests[manifest.id]?.hasPassed)
        }
    }
}
