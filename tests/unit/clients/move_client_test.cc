// What a device believes of an operator's word that a consent ended for a move.

#include "clients/cpp/move_client.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/receipt/batch.h"
#include "common/receipt/move.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/person_consent_service.pb.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kLoss = absl::StatusCode::kDataLoss;

base::ByteArray<16> IdOf(std::uint8_t byte) {
  base::ByteArray<16> out{};
  out.fill(byte);
  return out;
}

// What an operator puts into an export.
struct Parts {
  receipt::SignedMove move;
  std::string agreement = "the agreement";
  base::ByteArray<16> record = IdOf(4);
  std::uint8_t state = 15;
  std::uint32_t number = 3;
  base::Digest32 predecessor{};
  std::string reason = "moved";
  // Before the proof is made.
  std::string item_label = "limpid/move-export/1";
  receipt::BatchKind kind = receipt::BatchKind::kReceipts;

  // After docs/formats/consent-record-chain.md.
  [[nodiscard]] base::Bytes Last() const {
    return base::ByteWriter("limpid/record-revision/1")
        .U8(state)
        .U8(1)
        .U8(1)
        .U8(1)
        .Raw(record)
        .U32(number)
        .Raw(predecessor)
        .Raw(IdOf(1))
        .Raw(IdOf(2))
        .Raw(IdOf(3))
        .U32(1)
        .Raw(base::Digest32{})
        .U64(1)
        .U64(2)
        .U64(3)
        .U64(4)
        .U64(5)
        .U16(2)
        .U16(0)
        .U16(1)
        .Raw(base::Digest32{})
        .Raw(base::Digest32{})
        .Raw(crypto::Sha256(base::AsBytes(move.canonical_json)))
        .Raw(move.signature)
        .Raw(IdOf(0))
        .Raw(IdOf(0))
        .Lp(reason)
        .Take();
  }
  [[nodiscard]] json::Value Export(
      const crypto::Ed25519PrivateKey& evidence) const {
    const std::vector<base::Bytes> items = {
        base::ByteWriter(item_label)
            .Raw(crypto::Sha256(Last()))
            .Raw(crypto::Sha256(base::AsBytes(agreement)))
            .Take()};
    const auto proofs = receipt::SignBatch(
        kind, 1, absl::FromUnixSeconds(1'767'225'600), items, evidence);
    json::Value chain = json::Value::Array();
    chain.Append(base::Base64UrlEncode(Last()));
    json::Value out = json::Value::Object();
    out.Set("agreement", agreement)
        .Set("proof", base::Base64UrlEncode(proofs.front().Encode()))
        .Set("revisions", std::move(chain))
        .Set("statement", move.canonical_json);
    return out;
  }
};

// Ends the record as it is asked to, unless told otherwise.
class FakeOperator final : public UnaryConnection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (method.path.ends_with("GetRecord")) {
      auto& record =
          *dynamic_cast<v1::GetRecordResponse&>(response).mutable_record();
      record.set_record_id(base::FormatIdText("rec", IdOf(4)));
      record.set_revision(2);
      record.set_revision_hash(std::string(32, '\0'));
      record.set_state(moved ? v1::RECORD_STATE_TERMINATED
                             : v1::RECORD_STATE_GRANTED);
      return absl::OkStatus();
    }
    if (method.path.ends_with("GetMoveExport")) {
      dynamic_cast<v1::GetMoveExportResponse&>(response).set_export_json(
          *moved);
      return absl::OkStatus();
    }
    const auto& asked = dynamic_cast<const v1::MoveRecordOutRequest&>(request);
    Parts parts;
    parts.move.canonical_json = asked.statement();
    parts.move.signature =
        base::ToArray<64>(base::AsBytes(asked.signature())).value();
    if (change) change(parts);
    json::Value file = parts.Export(signing);
    if (damage) damage(file);
    moved = json::Canonical(file);
    dynamic_cast<v1::MoveRecordOutResponse&>(response).set_export_json(
        answer.value_or(*moved));
    return absl::OkStatus();
  }
  crypto::Ed25519PrivateKey evidence = crypto::Ed25519PrivateKey::Generate();
  crypto::Ed25519PrivateKey signing = evidence.Clone();
  std::function<void(Parts&)> change;
  std::function<void(json::Value&)> damage;
  std::optional<std::string> answer;
  std::optional<std::string> moved;
};

class MoveOutTest : public ::testing::Test {
 protected:
  absl::Status Move(FakeOperator& server, const std::string& to = "new.example",
                    std::uint8_t to_key = 8) {
    Trust trust;
    trust.operator_name = "old.example";
    trust.evidence_key = server.evidence.PublicKey();
    NewOperator there{to, {}};
    there.evidence_key.bytes.fill(to_key);
    return MoveClient(server, key_, trust, clock_)
        .MoveOut(base::FormatIdText("rec", IdOf(4)), there)
        .status();
  }
  // On both ways: as the answer to the move, and asked for again.
  void ExpectRefused(FakeOperator& server, const std::string& why) {
    EXPECT_THAT(Move(server), StatusIs(kLoss)) << why;
    EXPECT_THAT(Move(server), StatusIs(kLoss)) << why << ", again";
  }
  // The statement as `signer` signs it, for another record or operator.
  receipt::SignedMove Other(
      const std::function<void(receipt::MoveStatement&)>& change,
      const std::string& text) {
    receipt::MoveStatement statement =
        receipt::MoveStatement::Parse(text).value();
    change(statement);
    return receipt::SignMove(statement, key_.key());
  }

  testing::FakeClock clock_;
  PersonKey key_ = PersonKey::Generate();
};

TEST_F(MoveOutTest, TakesWhatTheOperatorSignedAndTakesItAgain) {
  FakeOperator server;
  EXPECT_THAT(Move(server), IsOk());
  EXPECT_THAT(Move(server), IsOk());
  EXPECT_THAT(Move(server, "third.example"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Move(server, "new.example", 9),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(MoveOutTest, RefusesWhatIsNoExport) {
  for (const char* garbage : {"", "{}", "Ended here", "[1]", "null"}) {
    FakeOperator server;
    server.answer = garbage;
    EXPECT_THAT(Move(server), StatusIs(kLoss)) << garbage;
    server.moved = garbage;
    EXPECT_THAT(Move(server), StatusIs(kLoss)) << garbage;
  }
  for (const char* member : {"agreement", "proof", "revisions", "statement"}) {
    for (const bool gone : {true, false}) {
      FakeOperator server;
      server.damage = [&](json::Value& file) {
        if (gone) {
          file.Remove(member);
        } else {
          file.Set(member, "!");
        }
      };
      ExpectRefused(server, member);
    }
  }
}

TEST_F(MoveOutTest, RefusesAForgedProof) {
  FakeOperator server;
  server.signing = crypto::Ed25519PrivateKey::Generate();
  ExpectRefused(server, "another key");
  const std::vector<std::function<void(Parts&)>> changes = {
      [](Parts& p) { p.item_label = "limpid/move-export/2"; },
      [](Parts& p) { p.kind = receipt::BatchKind::kPermits; },
      [](Parts& p) { p.state = 4; },
      [](Parts& p) { p.reason = "expired"; },
      [](Parts& p) { p.record = IdOf(5); },
      [](Parts& p) { p.number = 4; },
      [](Parts& p) { p.predecessor.fill(1); },
      [](Parts& p) { p.move.signature[0] ^= 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    FakeOperator other;
    other.change = changes[i];
    ExpectRefused(other, std::to_string(i));
  }
  // A proof of the end of another agreement.
  FakeOperator another;
  another.damage = [](json::Value& file) { file.Set("agreement", "another"); };
  ExpectRefused(another, "agreement");
}

TEST_F(MoveOutTest, RefusesAnotherStatement) {
  // One of hers, for another nonce: only what she signs now is an answer.
  FakeOperator replayed;
  replayed.change = [&](Parts& p) {
    p.move = Other([](auto& s) { s.nonce.fill(1); }, p.move.canonical_json);
  };
  EXPECT_THAT(Move(replayed), StatusIs(kLoss));
  FakeOperator elsewhere;
  elsewhere.change = [&](Parts& p) {
    p.move = Other([](auto& s) { s.to_operator = "evil.example"; },
                   p.move.canonical_json);
  };
  EXPECT_THAT(Move(elsewhere), StatusIs(kLoss));
  FakeOperator record;
  record.change = [&](Parts& p) {
    p.move =
        Other([](auto& s) { s.record = base::FormatIdText("rec", IdOf(5)); },
              p.move.canonical_json);
  };
  ExpectRefused(record, "record");
  FakeOperator from;
  from.change = [&](Parts& p) {
    p.move = Other([](auto& s) { s.from_operator = "other.example"; },
                   p.move.canonical_json);
  };
  ExpectRefused(from, "from");
  // Not hers.
  FakeOperator stranger;
  stranger.change = [](Parts& p) {
    p.move = receipt::SignMove(
        receipt::MoveStatement::Parse(p.move.canonical_json).value(),
        crypto::Ed25519PrivateKey::Generate());
  };
  ExpectRefused(stranger, "stranger");
}

}  // namespace
}  // namespace limpid::client
