#include "consent/receipt/service_receipt.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/json/json.h"
#include "common/receipt/erasure.h"
#include "common/receipt/receipt.h"
#include "common/receipt/service_copy.h"
#include "consent/duty/duty_desk.h"
#include "consent/log/erasure_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::World;

class ServiceReceiptTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Fetch(const RecordId& record) {
    return ServiceReceipt(world_.consent(), world_.service()->id, record);
  }
  receipt::DisclosedFields Disclosed(const std::string& file) {
    return receipt::VerifyServiceCopy(receipt::ServiceCopy::Parse(file).value(),
                                      world_.consent().evidence_key())
        .value();
  }
  static std::string TextOf(const receipt::DisclosedFields& fields,
                            std::string_view name) {
    const auto at = fields.find(name);
    return at == fields.end() ? "" : at->second.string();
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(ServiceReceiptTest, FollowsTheGrantAndThenTheWithdrawal) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const auto granted = Fetch(record);
  ASSERT_THAT(granted, IsOk());
  const auto fields = Disclosed(*granted);
  EXPECT_EQ(TextOf(fields, "type"), "grant");
  EXPECT_EQ(TextOf(fields, "record"), record.Text());
  EXPECT_TRUE(fields.contains("line:person.name"));
  EXPECT_FALSE(fields.contains("line:person.email"));
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record), IsOk());
  const auto withdrawn = Fetch(record);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(TextOf(Disclosed(*withdrawn), "type"), "withdrawal");
}

TEST_F(ServiceReceiptTest, NothingOfThePersonIsInTheBytes) {
  const RecordView granted = world_.Granted(ann_);
  const auto file = Fetch(granted.revision.record);
  ASSERT_THAT(file, IsOk());
  const auto hers =
      world_.consent().GetRecordReceipt(ann_.id, granted.revision.record);
  ASSERT_THAT(hers, IsOk());
  const auto body = receipt::Receipt::Parse(hers->file)->body_json;
  const auto parsed = json::ParseStrict(body).value();
  // What leads to her sequence, her statement, her predecessor, or to her.
  std::vector<std::string> secrets = {
      ann_.id.Text(), base::Base64UrlEncode(granted.revision.predecessor),
      base::Base64UrlEncode(granted.revision_hash), "person.email"};
  for (const char* name : {"access", "id", "statement_hash"}) {
    secrets.push_back(parsed.GetString(name).value());
  }
  for (const std::string& secret : secrets) {
    EXPECT_FALSE(secret.empty());
    EXPECT_EQ(file->find(secret), std::string::npos) << secret;
  }
  for (const char* name : {"access", "id", "revision", "statement_hash",
                           "sequence", "predecessor", "previous"}) {
    EXPECT_FALSE(Disclosed(*file).contains(name)) << name;
  }
}

TEST_F(ServiceReceiptTest, TwoCopiesCannotBeJoined) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const auto one = receipt::ServiceCopy::Parse(Fetch(record).value());
  const auto two = receipt::ServiceCopy::Parse(Fetch(record).value());
  for (const base::Digest32& digest : one->digests) {
    EXPECT_EQ(std::count(two->digests.begin(), two->digests.end(), digest), 0);
  }
  EXPECT_NE(one->proof.Encode(), two->proof.Encode());
}

TEST_F(ServiceReceiptTest, ForeignUnknownAndUngrantedAreTheSameAnswer) {
  Service other = testing::CareService();
  other.id = ServiceId();
  other.keys = {base::Digest32{2}};
  const auto stranger = world_.consent().CreateService({9}, other);
  ASSERT_THAT(stranger, IsOk());
  const RecordId granted = world_.Granted(ann_).revision.record;
  const std::vector<absl::Status> answers = {
      ServiceReceipt(world_.consent(), (*stranger)->id, granted).status(),
      Fetch(RecordId::Random()).status(),
      Fetch(world_.Request(ann_).revision.record).status(),
      // The zero id of a stand-in's service reaches nothing either.
      ServiceReceipt(world_.consent(), ServiceId(), RecordId::Random())
          .status()};
  for (const absl::Status& answer : answers) {
    EXPECT_EQ(answer, answers.front());
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kNotFound));
  }
}

// That the person erased something is hers to tell.
TEST_F(ServiceReceiptTest, AnErasedEntryLooksLikeNone) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record), IsOk());
  ASSERT_THAT(Fetch(record), IsOk());
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 1);
  ASSERT_THAT(page, IsOk());
  const AccessView& newest = page->entries.front();
  ASSERT_EQ(newest.entry.kind, receipt::AccessKind::kWithdrawn);
  // Nothing is erased while the service has to delete.
  DutyDesk duties(world_.consent());
  const ServiceId service = world_.service()->id;
  const auto open = duties.ListServiceDuties(service, false, 0, 10);
  ASSERT_THAT(open, IsOk());
  for (const DutyView& one : open->duties) {
    ASSERT_THAT(duties.AcknowledgeDeletion(service, one.duty.id), IsOk());
  }
  receipt::ErasureRequest terms;
  std::copy(newest.leaf.begin() + 1, newest.leaf.end(),
            terms.commitment.begin());
  terms.operator_name = "limpid.example";
  terms.person = ann_.id.Text();
  terms.sequence = newest.entry.sequence;
  terms.time = world_.clock().Now();
  ASSERT_THAT(ErasureDesk(world_.consent())
                  .Erase(ann_.id, receipt::SignErasure(terms, ann_.key)),
              IsOk());
  EXPECT_EQ(Fetch(record).status(), Fetch(RecordId::Random()).status());
}

TEST_F(ServiceReceiptTest, OnlyAFlippedCopyIsRefused) {
  const std::string file = Fetch(world_.Granted(ann_).revision.record).value();
  for (std::size_t at = 0; at < file.size(); at += 7) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    const auto copy = receipt::ServiceCopy::Parse(damaged);
    if (!copy.ok()) continue;
    EXPECT_FALSE(
        receipt::VerifyServiceCopy(*copy, world_.consent().evidence_key()).ok())
        << at;
  }
}

}  // namespace
}  // namespace limpid::consent
