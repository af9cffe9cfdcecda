#include "clients/cpp/entry_check.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "clients/cpp/delegation_client.h"
#include "clients/cpp/log_client.h"
#include "common/base/id.h"
#include "common/receipt/access_entry.h"
#include "common/tlog/leaf.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using ::limpid::testing::IsOk;
using ::limpid::testing::StatusSays;

constexpr std::uint64_t kSequence = 7;

base::ByteArray<16> IdOf(std::uint8_t byte) {
  base::ByteArray<16> out{};
  out.fill(byte);
  return out;
}

receipt::AccessEntry Read() {
  receipt::AccessEntry out;
  out.access = IdOf(1);
  out.time = absl::FromUnixMillis(1'767'225'600'123);
  out.sequence = kSequence;
  out.previous.fill(2);
  out.service = IdOf(3);
  out.record = IdOf(4);
  out.revision = 2;
  out.purpose = "https://example.org/p#Care";
  out.system = IdOf(5);
  out.snapshot = IdOf(6);
  out.lines = {{"person.name", 1, "", "", receipt::Reason::kReleased},
               {"person.email", 0, "", "", receipt::Reason::kNoConsent}};
  return out;
}

// What an honest server shows of Read, written down by hand.
v1::AccessEntry Honest(const receipt::AccessEntry& entry = Read()) {
  base::ByteArray<32> opening{};
  opening.fill(9);
  const base::Bytes content = entry.Encode();
  v1::AccessEntry out;
  out.set_access_id(base::FormatIdText("acc", IdOf(1)));
  out.set_sequence(kSequence);
  out.mutable_time()->set_seconds(1'767'225'600);
  out.mutable_time()->set_nanos(123'000'000);
  out.set_service_id(base::FormatIdText("svc", IdOf(3)));
  out.set_organisation("City");
  out.set_purpose("https://example.org/p#Care");
  auto* const name = out.add_decisions();
  name->set_attribute("person.name");
  name->set_allowed(true);
  name->set_form(v1::FORM_FULL);
  auto* const email = out.add_decisions();
  email->set_attribute("person.email");
  email->set_reason(v1::REASON_NO_CONSENT);
  out.set_record_id(base::FormatIdText("rec", IdOf(4)));
  out.set_record_revision(2);
  out.mutable_training()->set_system_id(base::FormatIdText("sys", IdOf(5)));
  out.mutable_training()->set_snapshot_id(base::FormatIdText("snp", IdOf(6)));
  out.set_stage(v1::RECEIPT_STAGE_LOGGED);
  out.set_leaf(base::ToText(tlog::CommitmentLeaf(
      tlog::LeafKind::kAccess, receipt::CommitAccessEntry(opening, content))));
  out.set_kind(v1::ACCESS_KIND_RELEASE_DECIDED);
  out.set_previous_commitment(std::string(32, '\2'));
  out.set_outcome(v1::ACCESS_OUTCOME_RELEASED);
  out.set_opening(base::ToText(opening));
  out.set_content(base::ToText(content));
  return out;
}

TEST(CheckEntry, BelievesWhatTheCommitmentStandsFor) {
  EXPECT_EQ(CheckEntry(Honest()), EntryTruth::kTrue);
  // The operator's word, and what later entries say.
  v1::AccessEntry entry = Honest();
  entry.set_organisation("Town");
  entry.set_stage(v1::RECEIPT_STAGE_DURABLE);
  entry.clear_outcome();
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kTrue);
}

TEST(CheckEntry, FindsEveryShownFieldThatDiffers) {
  const std::vector<std::function<void(v1::AccessEntry&)>> lies = {
      [](auto& e) { e.set_access_id(base::FormatIdText("acc", IdOf(9))); },
      [](auto& e) { e.clear_access_id(); },
      [](auto& e) { e.set_sequence(kSequence + 1); },
      [](auto& e) { e.mutable_time()->set_seconds(1'767'225'601); },
      [](auto& e) { e.mutable_time()->set_nanos(0); },
      [](auto& e) { e.set_service_id(base::FormatIdText("svc", IdOf(9))); },
      [](auto& e) { e.set_purpose("https://example.org/p#Marketing"); },
      [](auto& e) { e.mutable_decisions()->RemoveLast(); },
      [](auto& e) { e.mutable_decisions(0)->set_attribute("person.address"); },
      [](auto& e) { e.mutable_decisions(0)->set_allowed(false); },
      [](auto& e) { e.mutable_decisions(0)->set_form(v1::FORM_DERIVED); },
      [](auto& e) { e.mutable_decisions(1)->set_reason(v1::REASON_LIMIT); },
      [](auto& e) { e.mutable_decisions()->SwapElements(0, 1); },
      [](auto& e) { e.set_record_id(base::FormatIdText("rec", IdOf(9))); },
      [](auto& e) { e.set_record_revision(3); },
      [](auto& e) { e.clear_training(); },
      [](auto& e) { e.mutable_training()->set_system_id("sys_other"); },
      [](auto& e) { e.mutable_training()->set_snapshot_id("snp_other"); },
      [](auto& e) { e.set_kind(v1::ACCESS_KIND_GRANTED); },
      [](auto& e) { e.set_previous_commitment(std::string(32, '\3')); },
      [](auto& e) { e.set_denial_count(1); },
      [](auto& e) { e.set_erased_sequence(1); },
      [](auto& e) { e.add_completions()->set_sequence(1); },
      [](auto& e) { e.mutable_erasure()->set_told_in_sequence(8); },
      [](auto& e) { e.set_missing(true); },
  };
  for (std::size_t i = 0; i < lies.size(); ++i) {
    v1::AccessEntry entry = Honest();
    lies[i](entry);
    EXPECT_EQ(CheckEntry(entry), EntryTruth::kAltered) << i;
  }
}

TEST(CheckEntry, FindsEveryFlippedBit) {
  const std::vector<std::string* (v1::AccessEntry::*)()> fields = {
      &v1::AccessEntry::mutable_content, &v1::AccessEntry::mutable_opening,
      &v1::AccessEntry::mutable_leaf};
  for (const auto field : fields) {
    v1::AccessEntry entry = Honest();
    std::string& bytes = *(entry.*field)();
    for (char& byte : bytes) {
      byte = static_cast<char>(byte ^ 0x10);
      EXPECT_EQ(CheckEntry(entry), EntryTruth::kAltered);
      byte = static_cast<char>(byte ^ 0x10);
    }
    EXPECT_EQ(CheckEntry(entry), EntryTruth::kTrue);
  }
}

TEST(CheckEntry, SaysWhatItCannotTell) {
  v1::AccessEntry entry = Honest();
  entry.clear_opening();
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kUnchecked);
  entry = Honest();
  entry.clear_content();
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kUnchecked);
  entry = Honest();
  entry.mutable_opening()->pop_back();
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kUnchecked);
  // A kind that a newer version has.
  base::Bytes content = Read().Encode();
  constexpr std::size_t kKindAt = 22;
  ASSERT_EQ(content.at(kKindAt), 1);
  content.at(kKindAt) = 200;
  base::ByteArray<32> opening{};
  opening.fill(9);
  entry = Honest();
  entry.set_content(base::ToText(content));
  entry.set_leaf(base::ToText(tlog::CommitmentLeaf(
      tlog::LeafKind::kAccess, receipt::CommitAccessEntry(opening, content))));
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kUnchecked);
}

TEST(CheckEntry, KnowsWhereEachKindPutsItsNumber) {
  receipt::AccessEntry said = Read();
  said.kind = receipt::AccessKind::kDenialsCounted;
  v1::AccessEntry entry = Honest(said);
  entry.set_kind(v1::ACCESS_KIND_DENIALS_COUNTED);
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kAltered);
  entry.clear_record_revision();
  entry.set_denial_count(2);
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kTrue);
  said.kind = receipt::AccessKind::kEntryErased;
  entry = Honest(said);
  entry.set_kind(v1::ACCESS_KIND_ENTRY_ERASED);
  entry.clear_record_revision();
  entry.set_erased_sequence(2);
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kTrue);
  said = Read();
  said.kind = receipt::AccessKind::kAccessCompleted;
  said.completions = {{3, receipt::AccessOutcome::kPartial}};
  entry = Honest(said);
  entry.set_kind(v1::ACCESS_KIND_ACCESS_COMPLETED);
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kAltered);
  auto* const completion = entry.add_completions();
  completion->set_sequence(3);
  completion->set_outcome(v1::ACCESS_OUTCOME_PARTIAL);
  EXPECT_EQ(CheckEntry(entry), EntryTruth::kTrue);
}

// A server whose log is these entries.
class OnePage final : public Connection {
 public:
  explicit OnePage(std::vector<v1::AccessEntry> entries)
      : entries_(std::move(entries)) {}
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (auto* const for_another =
            dynamic_cast<v1::ListRepresentedAccessesResponse*>(&response)) {
      for (const v1::AccessEntry& entry : entries_) {
        *for_another->add_entries() = entry;
      }
      return absl::OkStatus();
    }
    const auto& asked = dynamic_cast<const v1::ListAccessesRequest&>(request);
    EXPECT_TRUE(asked.with_content());
    auto& page = dynamic_cast<v1::ListAccessesResponse&>(response);
    for (const v1::AccessEntry& entry : entries_) *page.add_entries() = entry;
    return absl::OkStatus();
  }
  absl::Status Stream(const Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) override {
    return absl::UnimplementedError("no stream");
  }

 private:
  const std::vector<v1::AccessEntry> entries_;
};

TEST(LogClientList, RefusesAPageWithAnAlteredEntry) {
  const Trust trust;
  OnePage honest({Honest()});
  EXPECT_THAT(LogClient(honest, trust).List({}, 10), IsOk());
  v1::AccessEntry altered = Honest();
  altered.mutable_decisions(0)->set_attribute("person.address");
  OnePage lying({Honest(), altered});
  EXPECT_THAT(LogClient(lying, trust).List({}, 10),
              StatusSays(absl::StatusCode::kDataLoss, "entry 7"));
  // What is not shown is not judged.
  EXPECT_THAT(LogClient(lying, trust).List({}, 1), IsOk());
}

absl::Status ListFor(std::vector<v1::AccessEntry> entries) {
  const PersonKey key = PersonKey::Generate();
  const Trust trust;
  const testing::FakeClock clock;
  OnePage server(std::move(entries));
  return DelegationClient(server, key, trust, clock)
      .ListAccesses("per_x", base::FormatIdText("rec", IdOf(4)))
      .status();
}

TEST(DelegationClientAccesses, RefusesWhatIsAlteredOrOfAnotherRecord) {
  EXPECT_THAT(ListFor({Honest()}), IsOk());
  v1::AccessEntry entry = Honest();
  // What cannot be compared is shown, and said.
  entry.clear_opening();
  EXPECT_THAT(ListFor({entry}), IsOk());
  entry = Honest();
  entry.set_opening(std::string(32, '\x08'));
  EXPECT_THAT(ListFor({Honest(), entry}),
              StatusSays(absl::StatusCode::kDataLoss, "entry 7"));
  entry = Honest();
  entry.clear_opening();
  entry.set_record_id(base::FormatIdText("rec", IdOf(9)));
  EXPECT_THAT(ListFor({entry}),
              StatusSays(absl::StatusCode::kDataLoss, "another consent"));
  entry.clear_record_id();
  EXPECT_THAT(ListFor({entry}),
              StatusSays(absl::StatusCode::kDataLoss, "another consent"));
  // One that was erased says nothing about what it was.
  v1::AccessEntry erased;
  erased.set_sequence(kSequence);
  erased.mutable_erasure()->set_told_in_sequence(8);
  EXPECT_THAT(ListFor({erased}), IsOk());
}

}  // namespace
}  // namespace limpid::client
