// How the vault's trail is read for a comparison: from where on, what follows
// what, and what a clock that was set back hides from nobody.

#include "clients/cpp/reconcile_client.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/wire_time.h"
#include "common/base/id.h"
#include "common/crypto/ed25519.h"
#include "common/tlog/note.h"
#include "google/protobuf/message_lite.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/reconcile_service.pb.h"
#include "limpid/vault/v1/release_trail_service.pb.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusIs;

const absl::Time kFrom = absl::FromUnixSeconds(1'767'225'600);
const absl::Time kUntil = kFrom + absl::Hours(1);

base::ByteArray<16> Sixteen(std::uint8_t which) {
  base::ByteArray<16> out{};
  out.fill(which);
  return out;
}

// A vault whose batches have no act yet, and a consent without entries.
class FakeServer final : public Connection {
 public:
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (const auto* reads =
            dynamic_cast<const consent::v1::ListPermittedReadsRequest*>(
                &request)) {
      entries_from = TimeOf(reads->from_time());
      dynamic_cast<consent::v1::ListPermittedReadsResponse&>(response) = reads_;
      return absl::OkStatus();
    }
    const auto& asked =
        dynamic_cast<const vault::v1::ListReleaseBatchesRequest&>(request);
    auto& page = dynamic_cast<vault::v1::ListReleaseBatchesResponse&>(response);
    bool begun = false;
    for (const vault::v1::ReleaseBatch& one : batches) {
      begun =
          begun || (asked.first_number() > 0
                        ? one.number() >= asked.first_number()
                        : TimeOf(one.last_time()) >= TimeOf(asked.from_time()));
      if (begun) *page.add_batches() = one;
    }
    return absl::OkStatus();
  }
  absl::Status Stream(const Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) override {
    return absl::UnimplementedError("");
  }

  // One note for each time.
  void Add(const std::vector<absl::Time>& times) {
    receipt::ReleaseBatch batch;
    batch.source = Sixteen(1);
    batch.number = batches.size() + 1;
    batch.previous = last_;
    absl::Time last = absl::InfinitePast();
    for (const absl::Time time : times) {
      receipt::ReleaseNote note;
      note.access = Sixteen(++access_);
      note.handed_over = time;
      note.permitted = 1;
      note.released = 1;
      batch.notes.push_back(note);
      last = std::max(last, time);
    }
    const base::Bytes encoded = batch.Encode();
    last_ = receipt::DigestOf(encoded);
    vault::v1::ReleaseBatch& out = batches.emplace_back();
    out.set_batch(base::ToText(encoded));
    out.set_number(batch.number);
    *out.mutable_last_time() = ToWire(last);
  }

  // A permitted read that no log has.
  void Permit(absl::Time time) {
    consent::v1::PermittedRead& read = *reads_.add_reads();
    read.set_state(consent::v1::PERMITTED_STATE_SHOWN);
    read.set_access_id(base::FormatIdText("acc", Sixteen(1)));
    *read.mutable_time() = ToWire(time);
    read.set_permitted_count(1);
    read.set_permitted_lines(std::string(32, '\0'));
    read.set_commitment(std::string(32, '\1'));
  }

  std::vector<vault::v1::ReleaseBatch> batches;
  absl::Time entries_from;

 private:
  consent::v1::ListPermittedReadsResponse reads_;
  base::Digest32 last_{};
  std::uint8_t access_ = 0;
};

class ReconcileClientTest : public ::testing::Test {
 protected:
  absl::StatusOr<BothLogs> Read(
      absl::Time from, absl::Time until,
      const std::optional<BothLogs>& before = std::nullopt) {
    if (!before) return client_.Read(from, until, std::nullopt);
    return client_.Read(from, until, before->end, before->compared);
  }
  static Reconciliation Compare(const absl::StatusOr<BothLogs>& read) {
    return Reconcile(read->input);
  }

  FakeServer server_;
  testing::FakeClock clock_{kUntil};
  tlog::Policy log_ = tlog::Policy::ForLog(
                          tlog::NoteVerifier::Create(
                              "example.org/log", tlog::NoteAlgorithm::kEd25519,
                              crypto::Ed25519PrivateKey::Generate().PublicKey())
                              ->Vkey())
                          .value();
  ReconcileClient client_{
      server_, server_, log_, log_, base::FormatIdText("src", Sixteen(1)),
      clock_};
};

TEST_F(ReconcileClientTest, TheNextRunBeginsBehindWhatWasCompared) {
  server_.Add({kFrom + absl::Minutes(1)});
  // In the run before, and behind its end.
  server_.Add({kUntil + absl::Minutes(1)});
  const auto first = Read(kFrom, kUntil);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->end.number, 2U);
  ASSERT_TRUE(first->compared);
  EXPECT_EQ(first->compared->number, 1U);
  EXPECT_EQ(Compare(first).releases, 1U);
  const auto second = Read(kUntil, kUntil + absl::Hours(1), *first);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(Compare(second).releases, 1U);
  EXPECT_EQ(second->compared->number, 2U);
}

TEST_F(ReconcileClientTest, AGapAtTheBeginningIsAFinding) {
  server_.Add({kFrom + absl::Minutes(1)});
  const auto first = Read(kFrom, kUntil);
  ASSERT_THAT(first, IsOk());
  server_.Add({kUntil + absl::Minutes(1)});
  server_.Add({kUntil + absl::Minutes(2)});
  server_.batches.erase(server_.batches.begin() + 1);
  const auto second = Read(kUntil, kUntil + absl::Hours(1), *first);
  ASSERT_THAT(second, IsOk());
  const Reconciliation result = Compare(second);
  EXPECT_EQ(result.count.at(static_cast<std::size_t>(Finding::kBatchMissing)),
            1U);
  EXPECT_EQ(result.releases, 1U) << "it goes on behind the gap";
  // Another batch in the place of the one that was seen.
  server_.batches.at(0).set_batch(server_.batches.at(1).batch());
  EXPECT_THAT(Read(kUntil, kUntil + absl::Hours(1), *first),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ReconcileClientTest, ATrailThatWasEmptyIsReadFromItsFirstBatchOn) {
  const auto empty = Read(kFrom, kUntil);
  ASSERT_THAT(empty, IsOk());
  server_.Add({kUntil + absl::Minutes(1)});
  server_.Add({kUntil + absl::Minutes(2)});
  server_.batches.erase(server_.batches.begin());
  const auto read = Read(kUntil, kUntil + absl::Hours(1), *empty);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->input.missing_batches.size(), 1U);
}

TEST_F(ReconcileClientTest, AClockOfYearsAgoAsksForADayOfEntries) {
  server_.Add({kFrom + absl::Minutes(1)});
  const auto first = Read(kFrom, kUntil);
  ASSERT_THAT(first, IsOk());
  server_.Add({absl::UnixEpoch()});
  const auto second = Read(kUntil, kUntil + absl::Hours(1), *first);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->input.late.size(), 1U);
  EXPECT_EQ(server_.entries_from, kUntil - kReconcileReach - kReconcileMargin);
  EXPECT_EQ(
      Compare(second).count.at(static_cast<std::size_t>(Finding::kNoEntry)),
      1U);
}

TEST_F(ReconcileClientTest, NotesOfAClockThatWasSetBackAreCompared) {
  server_.Add({kFrom + absl::Minutes(1)});
  const auto first = Read(kFrom, kUntil);
  ASSERT_THAT(first, IsOk());
  // A day back: into a period that is closed.
  const absl::Time back = kUntil - absl::Hours(24);
  server_.Add({back});
  const auto second = Read(kUntil, kUntil + absl::Hours(1), *first);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->input.late.size(), 1U);
  EXPECT_EQ(server_.entries_from, back - kReconcileMargin);
  EXPECT_EQ(
      Compare(second).count.at(static_cast<std::size_t>(Finding::kNoEntry)),
      1U);
  // Once.
  const auto third =
      Read(kUntil + absl::Hours(1), kUntil + absl::Hours(2), *second);
  ASSERT_THAT(third, IsOk());
  EXPECT_TRUE(third->input.late.empty());
}

TEST_F(ReconcileClientTest, ADamagedBatchIsAFindingAndStopsNothing) {
  server_.Add({kFrom + absl::Minutes(1)});
  server_.Add({kFrom + absl::Minutes(2)});
  server_.Add({kFrom + absl::Minutes(3)});
  server_.batches.at(1).clear_batch();
  server_.batches.at(1).set_damaged(true);
  const auto read = Read(kFrom, kUntil);
  ASSERT_THAT(read, IsOk());
  const Reconciliation result = Compare(read);
  EXPECT_EQ(result.count.at(static_cast<std::size_t>(Finding::kBatchDamaged)),
            1U);
  EXPECT_EQ(result.releases, 2U);
  EXPECT_EQ(read->compared->number, 1U) << "nothing behind it is closed";
}

TEST_F(ReconcileClientTest, WhatIsNotLoggedAnHourLaterIsAFinding) {
  const absl::Time made = kFrom + absl::Minutes(1);
  server_.Add({made});
  server_.Permit(made);
  const auto overdue = [this] {
    const auto read = Read(kFrom, kUntil);
    EXPECT_THAT(read, IsOk());
    EXPECT_EQ(read->batches_waiting, 1U);
    EXPECT_EQ(read->entries_waiting, 1U);
    const Reconciliation result = Compare(read);
    EXPECT_EQ(AlarmOf(result).ok(), result.finding_count() == 0);
    return result.count.at(static_cast<std::size_t>(Finding::kNotLogged));
  };
  clock_.SetWall(made + kLogGrace);
  EXPECT_EQ(overdue(), 0U);
  clock_.SetWall(made + kLogGrace + absl::Milliseconds(1));
  EXPECT_EQ(overdue(), 2U);
}

}  // namespace
}  // namespace limpid::client
