#include "common/receipt/receipt.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/crypto/ed25519.h"
#include "common/json/json.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/leaf.h"
#include "common/tlog/note.h"
#include "common/tlog/proof.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using base::Bytes;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kOrigin[] = "log.example/access";

// A grant receipt whose commitment is the only leaf of a signed log.
class ReceiptTest : public ::testing::Test {
 protected:
  ReceiptTest() {
    entry_.kind = AccessKind::kGranted;
    entry_.actor = Actor::kPerson;
    entry_.access.fill(1);
    entry_.time = absl::FromUnixMillis(1'767'225'600'000);
    entry_.sequence = 1;
    entry_.service.fill(2);
    entry_.record.fill(3);
    entry_.revision = 4;
    entry_.purpose = "https://w3id.org/dpv#ServiceProvision";
    entry_.lines = {
        {.attribute = "person.name", .form = 1, .reason = Reason::kReleased},
        {.attribute = "person.email"}};
    receipt_.opening = base::ByteArray<32>{};
    receipt_.opening->fill(7);

    body_.type = ReceiptType::kGrant;
    body_.access = base::FormatIdText("acc", entry_.access);
    body_.id = "rcp_aaaaaaaaaaaaaaaaaaaaaaaaae";
    body_.lines = entry_.lines;
    body_.operator_name = "city";
    body_.purpose = entry_.purpose;
    body_.record = base::FormatIdText("rec", entry_.record);
    body_.revision = entry_.revision;
    body_.service = base::FormatIdText("svc", entry_.service);
    body_.time = entry_.time;
    body_.log_by = entry_.time + absl::Seconds(60);
    Enter(entry_);
  }

  // Gives the receipt this entry and the body its commitment.
  void Enter(const AccessEntry& entry) {
    receipt_.entry = entry.Encode();
    body_.commitment = CommitAccessEntry(*receipt_.opening, receipt_.entry);
    Sign();
  }

  void Sign() {
    receipt_.body_json = body_.Canonical();
    const std::vector<Bytes> items = {Bytes{1},
                                      ReceiptItem(receipt_.body_json)};
    receipt_.proof = SignBatch(BatchKind::kReceipts, /*epoch=*/1, body_.time,
                               items, key_)[1];
  }

  void PutInLog() {
    const Bytes leaf =
        tlog::CommitmentLeaf(tlog::LeafKind::kAccess, body_.commitment);
    const std::string text = tlog::CheckpointText(
        {.origin = kOrigin, .size = 1, .root = tlog::LeafHash(leaf)});
    receipt_.log_proof = tlog::FormatProof(
        {.index = 0, .checkpoint = log_signer_.Sign(text).value()});
  }

  absl::StatusOr<VerifiedReceipt> Verify(const Receipt& receipt) {
    return VerifyReceipt(
        receipt, key_.PublicKey(),
        tlog::Policy::ForLog(log_signer_.verifier().Vkey()).value());
  }

  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
  tlog::NoteSigner log_signer_ =
      tlog::NoteSigner::Create(kOrigin, crypto::Ed25519PrivateKey::Generate())
          .value();
  AccessEntry entry_;
  ReceiptBody body_;
  Receipt receipt_;
};

TEST_F(ReceiptTest, IsDurableUntilItHasALogProof) {
  const auto durable = Verify(receipt_);
  ASSERT_THAT(durable, IsOk());
  EXPECT_EQ(durable->level, Level::kDurable);
  EXPECT_EQ(durable->body, body_);
  EXPECT_EQ(durable->entry->sequence, 1U);
  PutInLog();
  const auto logged = Verify(receipt_);
  ASSERT_THAT(logged, IsOk());
  EXPECT_EQ(logged->level, Level::kLogged);
}

TEST_F(ReceiptTest, FileRoundTripsAndVerifies) {
  PutInLog();
  const auto parsed = Receipt::Parse(receipt_.ToFile());
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->ToFile(), receipt_.ToFile());
  EXPECT_THAT(Verify(*parsed), IsOk());
}

TEST_F(ReceiptTest, ServiceCopyHasNoOpening) {
  receipt_.opening.reset();
  receipt_.entry.clear();
  const auto parsed = Receipt::Parse(receipt_.ToFile());
  ASSERT_THAT(parsed, IsOk());
  const auto verified = Verify(*parsed);
  ASSERT_THAT(verified, IsOk());
  EXPECT_FALSE(verified->entry.has_value());
}

TEST_F(ReceiptTest, RefusesAChangedMemberOfTheBody) {
  const json::Value file = json::ParseStrict(receipt_.ToFile()).value();
  const json::Value body = file.GetObject("receipt").value();
  for (const json::Member& member : body.members()) {
    json::Value changed = body;
    if (member.value.is_string()) {
      changed.Set(member.key, member.value.string() + "A");
    } else if (member.value.is_integer()) {
      changed.Set(member.key, member.value.integer() + 1);
    } else {
      changed.Set(member.key, json::Value::Array());
    }
    json::Value damaged = file;
    damaged.Set("receipt", changed);
    const auto parsed = Receipt::Parse(json::Canonical(damaged));
    EXPECT_FALSE(parsed.ok() && Verify(*parsed).ok()) << member.key;
  }
}

TEST_F(ReceiptTest, RefusesAnotherEntryOpeningOrKey) {
  Receipt other = receipt_;
  other.entry.back() = static_cast<std::uint8_t>(other.entry.back() ^ 1U);
  EXPECT_THAT(Verify(other),
              StatusSays(absl::StatusCode::kDataLoss, "commitment"));
  other = receipt_;
  (*other.opening)[0] = 0;
  EXPECT_THAT(Verify(other),
              StatusSays(absl::StatusCode::kDataLoss, "commitment"));
  EXPECT_THAT(VerifyReceipt(
                  receipt_, crypto::Ed25519PrivateKey::Generate().PublicKey(),
                  tlog::Policy::ForLog(log_signer_.verifier().Vkey()).value()),
              StatusIs(absl::StatusCode::kDataLoss));
}

// Signed and committed by the operator, and still a lie.
TEST_F(ReceiptTest, RefusesAnEntryThatSaysSomethingElse) {
  const struct {
    const char* member;
    std::function<void(AccessEntry&)> lie;
  } lies[] = {
      {"type", [](auto& entry) { entry.kind = AccessKind::kWithdrawn; }},
      {"type", [](auto& entry) { entry.kind = AccessKind::kReleaseDecided; }},
      {"type", [](auto& entry) { entry.kind = AccessKind::kRestored; }},
      {"access", [](auto& entry) { ++entry.access[15]; }},
      {"access", [](auto& entry) { entry.access = {}; }},
      {"record", [](auto& entry) { ++entry.record[15]; }},
      {"record", [](auto& entry) { entry.record = {}; }},
      {"revision", [](auto& entry) { ++entry.revision; }},
      {"service", [](auto& entry) { ++entry.service[15]; }},
      {"service", [](auto& entry) { entry.service = {}; }},
      {"time", [](auto& entry) { entry.time += absl::Milliseconds(1); }},
      {"purpose", [](auto& entry) { entry.purpose += "s"; }},
      {"lines", [](auto& entry) { entry.lines.pop_back(); }},
      {"lines", [](auto& entry) { entry.lines.push_back(entry.lines[0]); }},
      {"lines", [](auto& entry) { std::swap(entry.lines[0], entry.lines[1]); }},
      {"lines", [](auto& entry) { entry.lines[0].attribute += "s"; }},
      {"lines", [](auto& entry) { entry.lines[0].form = 2; }},
      {"lines", [](auto& entry) { entry.lines[0].derivation = "over_n/1"; }},
      {"lines", [](auto& entry) { entry.lines[0].parameters = "{}"; }},
      {"lines", [](auto& entry) { entry.lines[1].reason = Reason::kReleased; }},
  };
  for (const auto& [member, lie] : lies) {
    AccessEntry entry = entry_;
    lie(entry);
    Enter(entry);
    PutInLog();
    EXPECT_THAT(Verify(receipt_),
                StatusSays(absl::StatusCode::kDataLoss, member))
        << member;
  }
  Enter(entry_);
  PutInLog();
  EXPECT_THAT(Verify(receipt_), IsOk());
}

TEST_F(ReceiptTest, AnEntryWithoutRecordOrServiceHasNoTextOfThem) {
  entry_.record = {};
  entry_.service = {};
  body_.record.clear();
  body_.service.clear();
  Enter(entry_);
  EXPECT_THAT(Verify(receipt_), IsOk());
}

TEST_F(ReceiptTest, RefusesAProofOfAnotherLeafOrLog) {
  PutInLog();
  Receipt other = receipt_;
  body_.commitment.fill(1);
  receipt_.opening.reset();
  Sign();
  receipt_.log_proof = other.log_proof;
  EXPECT_THAT(Verify(receipt_),
              StatusSays(absl::StatusCode::kDataLoss, "log proof"));
  log_signer_ =
      tlog::NoteSigner::Create(kOrigin, crypto::Ed25519PrivateKey::Generate())
          .value();
  EXPECT_THAT(Verify(other),
              StatusSays(absl::StatusCode::kDataLoss, "log proof"));
}

TEST_F(ReceiptTest, AFileNamesItsBadMember) {
  const json::Value file = json::ParseStrict(receipt_.ToFile()).value();
  for (const char* const key : {"receipt", "proof", "entry", "opening"}) {
    json::Value less = file;
    less.Remove(key);
    EXPECT_THAT(Receipt::Parse(json::Canonical(less)),
                StatusSays(absl::StatusCode::kInvalidArgument, key))
        << key;
  }
  json::Value more = file;
  more.Set("other", 1);
  EXPECT_FALSE(Receipt::Parse(json::Canonical(more)).ok());
}

}  // namespace
}  // namespace limpid::receipt
