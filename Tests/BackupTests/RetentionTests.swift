import Foundation
import Machine
import TestSupport
import Testing

@testable import Backup

@Suite struct RetentionTests {
    private typealias Keep = Configuration.BackupKeep

    private func points(_ texts: [String]) throws -> [Retention.Point] {
        try texts.map { Retention.Point(id: try id($0), parent: nil) }
    }

    private func kept(_ decision: Retention.Decision) -> [String] { decision.kept.keys.sorted().map(\.text) }

    @Test func theNewestOfEachBucketStays() throws {
        let texts = [
            "20261004T060000Z", "20261031T060000Z", "20261101T060000Z", "20261101T180000Z", "20261123T060000Z",
            "20261126T060000Z", "20261127T060000Z", "20261127T180000Z",
        ]
        let all = try points(texts)
        func kept(_ keep: Keep) -> [String] { self.kept(Retention(keep).decide(all)) }
        #expect(kept(Keep(last: 2)) == Array(texts.suffix(2)))
        #expect(kept(Keep(daily: 2)) == ["20261126T060000Z", "20261127T180000Z"])
        // The weeks begin on Mondays: 1 November is a Sunday, 23 November a Monday.
        #expect(kept(Keep(weekly: 2)) == ["20261101T180000Z", "20261127T180000Z"])
        #expect(kept(Keep(monthly: 2)) == ["20261031T060000Z", "20261127T180000Z"])
        #expect(
            kept(Keep(last: 1, daily: 3, monthly: 9)) == [
                "20261031T060000Z", "20261123T060000Z", "20261126T060000Z", "20261127T180000Z",
            ])
    }

    /// `daily=2` is two days with backups, however long ago.
    @Test func nothingGetsTooOld() throws {
        let all = try points(["20200101T000000Z", "20200102T000000Z", "20261127T000000Z"])
        #expect(kept(Retention(Keep(daily: 2)).decide(all)) == ["20200102T000000Z", "20261127T000000Z"])
    }

    @Test func allOrNoneAreKept() throws {
        let all = try points(["20200101T000000Z", "20200102T000000Z"])
        #expect(Retention(nil).decide(all).removed.isEmpty)
        #expect(kept(Retention(Keep()).decide(all)) == ["20200102T000000Z"])
        #expect(Retention(Keep()).decide([]) == Retention.Decision())
    }

    @Test func whatCannotBeRestoredCountsForNothingAndStays() throws {
        let ids = try (1...4).map { try id("2026010\($0)T000000Z") }
        let decision = Retention(Keep(last: 1)).decide([
            Retention.Point(id: ids[0], parent: nil), Retention.Point(id: ids[1], parent: nil),
            Retention.Point(id: ids[2], parent: nil, hasPassed: false),
            Retention.Point(id: ids[3], parent: ids[0], isRestorable: false),
        ])
        // A test of the third has failed: the second is the last good one.
        #expect(
            decision.kept == [
                ids[0]: [.neededBy(ids[3])], ids[1]: [.lastGood], ids[2]: [.last], ids[3]: [.unusable],
            ])
    }

    /// It is the only one of which more is known than that it was written.
    @Test func theNewestThatHasPassedATestStays() throws {
        let ids = try (1...4).map { try id("2026010\($0)T000000Z") }
        let decision = Retention(Keep(last: 1)).decide([
            Retention.Point(id: ids[0], parent: nil, hasPassed: true),
            Retention.Point(id: ids[1], parent: nil, hasPassed: true),
            Retention.Point(id: ids[2], parent: nil), Retention.Point(id: ids[3], parent: nil),
        ])
        #expect(decision.kept == [ids[1]: [.lastProved], ids[3]: [.last]])
    }

    @Test func anIncrementGoesBeforeItsParent() throws {
        let ids = try (1...5).map { try id("2026010\($0)T000000Z") }
        // The clock was put back before the second, an increment of the third; the last one is what stays.
        let decision = Retention(Keep(last: 1)).decide([
            Retention.Point(id: ids[0], parent: nil), Retention.Point(id: ids[2], parent: ids[0]),
            Retention.Point(id: ids[1], parent: ids[2]), Retention.Point(id: ids[3], parent: nil),
            Retention.Point(id: ids[4], parent: nil),
        ])
        #expect(decision.removed == [ids[1], ids[2], ids[3], ids[0]])
        let circle = Retention(Keep(last: 1)).decide([
            Retention.Point(id: ids[0], parent: ids[1]), Retention.Point(id: ids[1], parent: ids[0]),
            Retention.Point(id: ids[2], parent: nil),
        ])
        #expect(Set(circle.removed) == Set(ids[0...1]))
    }

    /// Two years of backups as they happen, with days off, tests that fail, and a prune that is killed half-way: after each step
    /// there is something to restore, and nothing lies over what is not there.
    @Test(arguments: 0..<6) func twoYears(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let keep = [
            Keep(last: 3, daily: 7, weekly: 4, monthly: 6), Keep(last: 1), Keep(daily: 2), Keep(monthly: 3),
            Keep(weekly: 5, monthly: 1), Keep(last: 10, daily: 30),
        ][Int(seed)]
        var folder: [Retention.Point] = []
        var mostAtOnce = 0
        for hour in stride(from: 0, to: 2 * 365 * 24, by: 6) {
            if Int.random(in: 0..<60, using: &random) == 0 { continue }
            let new = BackupID(
                atSecond: noon + hour * 3600 + Int.random(in: 0..<900, using: &random), existing: folder.map(\.id))
            let isFull = folder.isEmpty || Int.random(in: 0..<28, using: &random) == 0
            folder.append(
                Retention.Point(
                    id: new, parent: isFull ? nil : folder.last?.id,
                    hasPassed: [false, true, true, nil, nil, nil, nil, nil, nil, nil].randomElement(using: &random)
                        ?? nil)
            )

            let lastOnes = [folder.last(where: \.isGood), folder.last(where: \.isProved)].compactMap { $0 }
            let decision = Retention(keep).decide(folder)
            #expect(decision.kept.count + decision.removed.count == folder.count)
            #expect(
                decision.kept.keys.filter { decision.kept[$0]?.contains(.last) == true }.count
                    == min(keep.last, folder.count))
            for (reason, count, bucket) in Self.rules(keep) {
                let marked = decision.kept.filter { $0.value.contains(reason) }.keys.sorted()
                #expect(marked == Array(newest(folder.map(\.id), bucket).suffix(count)))
            }
            let steps =
                Int.random(in: 0..<10, using: &random) == 0 ? decision.removed.count / 2 : decision.removed.count
            for id in decision.removed.prefix(steps) {
                folder.removeAll { $0.id == id }
                let there = Set(folder.map(\.id))
                #expect(folder.allSatisfy { $0.parent.map(there.contains) ?? true })
            }
            #expect(!folder.isEmpty && lastOnes.allSatisfy(folder.contains))
            mostAtOnce = max(mostAtOnce, folder.count)
        }
        // It does not grow for ever: what is kept, and the chains that it needs.
        #expect(mostAtOnce < 20 * 28)
    }

    /// By the calendar of another.
    private static func rules(_ keep: Keep) -> [(Retention.Reason, Int, (BackupID) -> DateComponents)] {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: "UTC") ?? .current
        func bucket(_ parts: Set<Calendar.Component>) -> (BackupID) -> DateComponents {
            { calendar.dateComponents(parts, from: Date(timeIntervalSince1970: Double($0.second))) }
        }
        return [
            (.daily, keep.daily, bucket([.year, .month, .day])),
            (.weekly, keep.weekly, bucket([.yearForWeekOfYear, .weekOfYear])),
            (.monthly, keep.monthly, bucket([.year, .month])),
        ]
    }

    private func newest(_ ids: [BackupID], _ bucket: (BackupID) -> DateComponents) -> [BackupID] {
        Dictionary(grouping: ids, by: bucket).values.compactMap { $0.max() }.sorted()
    }
}
