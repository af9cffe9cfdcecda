// What a person's device makes of answers about accesses under embargo.

#include "clients/cpp/embargo_client.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/agreement_text.h"
#include "common/base/id.h"
#include "common/crypto/hash.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/embargo.h"
#include "common/receipt/log_head.h"
#include "common/tlog/leaf.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using receipt::AccessEntry;
using testing::IsOk;
using testing::StatusIs;

const absl::Time kTime = absl::FromUnixMillis(1'767'225'600'000);

struct ServiceTag {
  static constexpr std::string_view kPrefix = "svc";
};
struct RecordTag {
  static constexpr std::string_view kPrefix = "rec";
};

std::string LeafOf(const base::Digest32& commitment) {
  return base::ToText(
      tlog::CommitmentLeaf(tlog::LeafKind::kAccess, commitment));
}

base::ByteArray<32> OpeningOf(std::uint32_t layer) {
  base::ByteArray<32> out{};
  out.fill(static_cast<std::uint8_t>(3 + layer));
  return out;
}

// Answers each method with one page.
class FakeConsent final : public UnaryConnection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& response) override {
    std::string answer;
    if (method.path.ends_with("ListToldAccesses")) {
      answer = told.SerializeAsString();
    } else if (method.path.ends_with("ListEmbargoOpenings")) {
      answer = openings.SerializeAsString();
    } else if (method.path.ends_with("GetRecord")) {
      answer = record.SerializeAsString();
    } else {
      answer = log.SerializeAsString();
    }
    return response.ParseFromString(answer) ? absl::OkStatus()
                                            : absl::InternalError("no answer");
  }
  v1::ListToldAccessesResponse told;
  v1::ListEmbargoOpeningsResponse openings;
  v1::ListAccessesResponse log;
  v1::GetRecordResponse record;
};

// A log of two entries an hour apart; a read in between was under embargo for
// ten days.
class EmbargoClientTest : public ::testing::Test {
 protected:
  EmbargoClientTest() {
    trust_.evidence_key = evidence_.PublicKey();
    const receipt::EmbargoItem item = Tell();
    Show({}, kTime);
    Show({item}, kTime + absl::Hours(1));
    receipt::LogHead head;
    head.operator_name = "op.example";
    head.sequence = 2;
    head.commitment = previous_;
    head.time = kTime;
    const std::vector<base::Bytes> items = {head.Encode()};
    const auto proofs = receipt::SignBatch(receipt::BatchKind::kReceipts, 1,
                                           kTime, items, evidence_);
    server_.log.set_signed_head(
        base::ToText(receipt::SignedHead(items.front(), proofs.front())));
  }

  receipt::EmbargoItem Tell() {
    AccessEntry entry;
    entry.sequence = 1;
    entry.time = kTime + absl::Minutes(1);
    entry.service.fill(4);
    entry.record.fill(5);
    entry.basis = receipt::LegalBasis::kPublicTask;
    entry.purpose = "p";
    entry.lines = {{"a", 1, "", "", receipt::Reason::kReleased}};
    base::ByteArray<16> log{};
    log.fill(6);
    const absl::Time until = receipt::EmbargoUntil(entry.time, 10);
    entry.embargo = receipt::EmbargoTerms(log, 10, until);
    base::ByteArray<32> opening{};
    opening.fill(7);
    const base::Bytes encoded = entry.Encode();
    const base::Digest32 commitment =
        receipt::CommitAccessEntry(opening, encoded);
    v1::ToldAccess& told = *server_.told.add_accesses();
    told.set_log(base::ToText(log));
    told.set_embargo_days(10);
    told.mutable_until_time()->set_seconds(absl::ToUnixSeconds(until));
    told.set_entry(base::ToText(encoded));
    told.set_opening(base::ToText(opening));
    v1::AccessEntry& access = *told.mutable_access();
    access.set_kind(v1::ACCESS_KIND_RELEASE_DECIDED);
    access.set_sequence(1);
    access.mutable_time()->set_seconds(absl::ToUnixSeconds(entry.time));
    access.set_service_id(base::Id<ServiceTag>(entry.service).Text());
    access.set_record_id(base::Id<RecordTag>(entry.record).Text());
    access.set_purpose("p");
    access.set_previous_commitment(std::string(32, '\0'));
    access.set_leaf(LeafOf(commitment));
    v1::AttributeDecision& decision = *access.add_decisions();
    decision.set_attribute("a");
    decision.set_allowed(true);
    decision.set_form(v1::FORM_FULL);
    Agree(access.record_id(), 10);
    return {until, commitment};
  }
  // What the person signed.
  void Agree(const std::string& record, std::uint32_t days) {
    v1::Agreement& agreement = *server_.record.mutable_agreement();
    agreement.Clear();
    agreement.mutable_content()->set_legal_basis(v1::LEGAL_BASIS_PUBLIC_TASK);
    agreement.mutable_content()->set_embargo_days(days);
    const std::string text = AgreementText(agreement).value();
    agreement.set_canonical_json(text);
    agreement.set_hash(base::ToText(crypto::Sha256(base::AsBytes(text))));
    server_.record.mutable_record()->set_record_id(record);
    server_.record.mutable_record()->set_agreement_hash(agreement.hash());
  }
  // Newest first, as the server sends them.
  void Show(const std::vector<receipt::EmbargoItem>& items, absl::Time time) {
    AccessEntry entry;
    entry.kind = receipt::AccessKind::kGranted;
    entry.sequence = static_cast<std::uint64_t>(server_.log.entries_size()) + 1;
    entry.time = time;
    entry.previous = previous_;
    entry.embargo = receipt::CommitEmbargo(items, OpeningOf);
    base::ByteArray<32> opening{};
    opening.fill(8);
    const base::Bytes encoded = entry.Encode();
    v1::EmbargoOpening shown;
    shown.set_sequence(entry.sequence);
    shown.set_entry(base::ToText(encoded));
    shown.set_opening(base::ToText(opening));
    for (const auto& step :
         receipt::OpenEmbargo(items, OpeningOf, items.size(), true)) {
      v1::EmbargoStep& to = *shown.add_steps();
      to.set_opening(base::ToText(step.opening));
      to.set_message(base::ToText(step.message));
    }
    v1::AccessEntry access;
    access.set_kind(v1::ACCESS_KIND_GRANTED);
    access.set_sequence(entry.sequence);
    access.set_previous_commitment(base::ToText(previous_));
    previous_ = receipt::CommitAccessEntry(opening, encoded);
    access.set_leaf(LeafOf(previous_));
    PutFirst(*server_.openings.mutable_openings(), shown);
    PutFirst(*server_.log.mutable_entries(), access);
  }
  template <typename List, typename Item>
  static void PutFirst(List& list, const Item& item) {
    *list.Add() = item;
    for (int i = list.size() - 1; i > 0; --i) list.SwapElements(i, i - 1);
  }
  absl::StatusOr<EmbargoCheck> Check() {
    return EmbargoClient(server_, trust_)
        .Check(nullptr, own_.PublicKey(), kTime + absl::Hours(24 * 400));
  }

  crypto::Ed25519PrivateKey evidence_ = crypto::Ed25519PrivateKey::Generate();
  crypto::Ed25519PrivateKey own_ = crypto::Ed25519PrivateKey::Generate();
  Trust trust_;
  FakeConsent server_;
  base::Digest32 previous_{};
};

TEST_F(EmbargoClientTest, TheTruthPasses) {
  const auto check = Check();
  ASSERT_THAT(check, IsOk());
  EXPECT_THAT(check->log.continues, IsOk());
  EXPECT_TRUE(check->findings.alarms.empty());
  EXPECT_EQ(check->findings.proven_count, 1U);
  EXPECT_EQ(check->findings.complete_count, 2U);
  ASSERT_EQ(check->told.size(), 1U);
  // No source said.
  EXPECT_EQ(check->told[0].access().outcome(), v1::ACCESS_OUTCOME_UNFINISHED);
}

TEST_F(EmbargoClientTest, AnOutcomeThatNoCompletionSaysIsNotShown) {
  v1::AccessEntry& access = *server_.told.mutable_accesses(0)->mutable_access();
  access.set_outcome(v1::ACCESS_OUTCOME_RELEASED);
  const auto check = Check();
  ASSERT_THAT(check, IsOk());
  EXPECT_EQ(check->told[0].access().outcome(), v1::ACCESS_OUTCOME_UNFINISHED);
}

TEST_F(EmbargoClientTest, AnAccessLeftOutIsAnAlarm) {
  server_.told.clear_accesses();
  EXPECT_EQ(Check()->findings.alarms.size(), 1U);
}

TEST_F(EmbargoClientTest, LongerThanWhatSheSignedIsAnAlarm) {
  Agree(server_.told.accesses(0).access().record_id(), 9);
  EXPECT_EQ(Check()->findings.alarms.size(), 1U);
}

TEST_F(EmbargoClientTest, AnotherAgreementIsRefused) {
  server_.record.mutable_agreement()->mutable_content()->set_embargo_days(366);
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss));
  Agree("rec_other", 366);
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EmbargoClientTest, AStepLeftOutIsAnAlarm) {
  server_.openings.mutable_openings(0)->mutable_steps()->RemoveLast();
  EXPECT_EQ(Check()->findings.alarms.size(), 1U);
  server_.openings.mutable_openings(0)->clear_steps();
  EXPECT_EQ(Check()->findings.alarms.size(), 2U);
}

TEST_F(EmbargoClientTest, AnEntryLeftOutIsRefused) {
  server_.openings.mutable_openings()->DeleteSubrange(1, 1);
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EmbargoClientTest, AnotherHistoryOfTheVisibleLogIsAnAlarm) {
  std::string& entry = *server_.openings.mutable_openings(1)->mutable_entry();
  entry.back() = static_cast<char>(entry.back() ^ 1);
  EXPECT_FALSE(Check()->findings.alarms.empty());
}

// What people read is what was judged.
TEST_F(EmbargoClientTest, AnAccessThatSaysSomethingElseIsRefused) {
  const std::vector<std::function<void(v1::AccessEntry&)>> changes = {
      [](auto& a) { a.set_sequence(2); },
      [](auto& a) { a.set_kind(v1::ACCESS_KIND_GRANTED); },
      [](auto& a) { a.mutable_time()->set_seconds(1); },
      [](auto& a) { a.set_service_id("svc_other"); },
      [](auto& a) { a.set_record_id("rec_other"); },
      [](auto& a) { a.set_purpose("q"); },
      [](auto& a) { a.clear_decisions(); },
      [](auto& a) { a.mutable_decisions(0)->set_attribute("b"); },
      [](auto& a) { a.mutable_decisions(0)->set_allowed(false); },
      [](auto& a) { a.mutable_decisions(0)->set_form(v1::FORM_AGGREGATE); },
      [](auto& a) { a.mutable_leaf()->back() ^= 1; },
      [](auto& a) { a.clear_leaf(); },
      [](auto& a) { a.add_completions()->set_sequence(1); },
      [](auto& a) { a.set_access_id("acc_other"); },
      [](auto& a) { a.mutable_training()->set_system_id("sys_other"); },
      [](auto& a) { a.set_record_revision(2); },
      [](auto& a) { a.set_denial_count(3); },
      [](auto& a) { a.set_erased_sequence(3); },
      [](auto& a) { a.mutable_erasure()->set_told_in_sequence(3); },
      [](auto& a) { a.set_missing(true); },
      [](auto& a) { a.clear_previous_commitment(); },
  };
  const v1::AccessEntry truth = server_.told.accesses(0).access();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    v1::AccessEntry& access =
        *server_.told.mutable_accesses(0)->mutable_access();
    access = truth;
    changes[i](access);
    EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss)) << i;
  }
}

TEST_F(EmbargoClientTest, ListsThatDoNotEndAreRefused) {
  server_.told.set_next_page_token("more");
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss));
  server_.told.clear_next_page_token();
  server_.openings.set_next_page_token("more");
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EmbargoClientTest, MalformedAnswersAreRefused) {
  const v1::ToldAccess truth = server_.told.accesses(0);
  v1::ToldAccess& told = *server_.told.mutable_accesses(0);
  const std::vector<std::function<void()>> changes = {
      [&] { told.set_log("short"); },
      [&] { told.set_embargo_days(70'000); },
      [&] { told.set_opening("short"); },
      [&] { told.set_entry("no entry"); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    told = truth;
    changes[i]();
    EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kDataLoss)) << i;
  }
}

}  // namespace
}  // namespace limpid::client
