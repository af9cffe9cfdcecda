// A logged receipt with everything a file can hold: the second of three in its
// batch, the fourth of seven leaves in a signed log.

#ifndef LIMPID_TESTS_INTEGRATION_RECEIPT_SAMPLE_H_
#define LIMPID_TESTS_INTEGRATION_RECEIPT_SAMPLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/wire.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/receipt.h"
#include "common/receipt/service_copy.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/leaf.h"
#include "common/tlog/note.h"
#include "common/tlog/proof.h"
#include "tests/unit/tlog/reference_tree.h"

namespace limpid::receipt {

inline crypto::Ed25519PrivateKey KeyOf(std::uint8_t seed) {
  base::ByteArray<32> bytes{};
  bytes.fill(seed);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(bytes))
      .value();
}

class Sample {
 public:
  [[nodiscard]] Receipt Logged() const {
    Receipt out = Durable();
    out.log_proof = LogProofOf(BodyOf(out).commitment, "log.example/access", 4);
    return out;
  }

  [[nodiscard]] Receipt Durable() const { return OfEntry(Entry().Encode()); }

  // What the bodies say, of a grant.
  [[nodiscard]] static AccessEntry Entry() {
    AccessEntry entry;
    entry.kind = AccessKind::kGranted;
    entry.actor = Actor::kPerson;
    entry.access.fill(1);
    entry.time = Time();
    entry.sequence = 7;
    entry.service.fill(2);
    entry.record.fill(3);
    entry.revision = 3;
    entry.purpose = "https://w3id.org/dpv#ServiceProvision";
    entry.lines = Lines();
    return entry;
  }

  // A body of `type` that commits to `entry`, whatever that says.
  [[nodiscard]] Receipt OfEntry(const base::Bytes& entry,
                                ReceiptType type = ReceiptType::kGrant) const {
    base::ByteArray<32> opening{};
    opening.fill(7);
    ReceiptBody body;
    body.type = type;
    body.access = base::FormatIdText("acc", Entry().access);
    body.commitment = CommitAccessEntry(opening, entry);
    body.id = "rcp_aaaaaaaaaaaaaaaaaaaaaaaaae";
    body.operator_name = "city \u00e9\u20ac";
    body.purpose = Entry().purpose;
    body.record = base::FormatIdText("rec", Entry().record);
    body.revision = 3;
    body.service = base::FormatIdText("svc", Entry().service);
    body.time = Time();
    body.log_by = Time() + absl::Seconds(60);
    body.lines = Lines();
    Receipt out = SignedBody(body.Canonical());
    out.entry = entry;
    out.opening = opening;
    return out;
  }

  // Signed whatever it says.
  [[nodiscard]] Receipt SignedBody(const std::string& body_json) const {
    return Sign(body_json, BatchKind::kReceipts);
  }
  [[nodiscard]] Receipt SignedAs(BatchKind kind) const {
    const Receipt durable = Durable();
    Receipt out = Sign(durable.body_json, kind);
    out.entry = durable.entry;
    out.opening = durable.opening;
    return out;
  }

  [[nodiscard]] static std::string OtherLeafProof() {
    base::Digest32 other{};
    other.fill(9);
    return LogProofOf(other, "log.example/access", 4);
  }
  [[nodiscard]] std::string OtherLogProof() const {
    return LogProofOf(BodyOf(Durable()).commitment, "log.example/vault", 4);
  }

  [[nodiscard]] absl::StatusOr<VerifiedReceipt> Verify(
      const Receipt& receipt) const {
    return VerifyReceipt(receipt, evidence_.PublicKey(), policy_);
  }
  // Not random, so that the corpus is the same every time.
  [[nodiscard]] ServiceCopy Copy() const {
    const ReceiptBody body = BodyOf(Durable());
    std::uint8_t salt = 0;
    return MakeServiceCopy(body, {.epoch = 5, .time = Time(), .key = evidence_},
                           [&salt] {
                             base::ByteArray<32> out{};
                             out.fill(++salt);
                             return out;
                           });
  }

  // Copies that the operator signed although no service may have them.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>>
  OverDisclosing() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const char* const name : {"revision", "access", "statement_hash"}) {
      ServiceCopy copy = Copy();
      copy.fields = {{base::ByteArray<32>{9}, name, json::Value("x")}};
      copy.digests.back() = copy.fields.front().Digest();
      std::sort(copy.digests.begin(), copy.digests.end());
      base::ByteWriter item("limpid/receipt-service/1");
      item.U16(static_cast<std::uint16_t>(copy.digests.size()));
      for (const base::Digest32& digest : copy.digests) item.Raw(digest);
      const std::vector<base::Bytes> items = {item.Take()};
      copy.proof =
          SignBatch(BatchKind::kReceipts, /*epoch=*/5, Time(), items, evidence_)
              .front();
      out.emplace_back(name, copy.ToFile());
    }
    return out;
  }

  [[nodiscard]] bool VerifyCopy(const ServiceCopy& copy) const {
    return VerifyServiceCopy(copy, evidence_.PublicKey()).ok();
  }
  [[nodiscard]] std::string EvidenceKeyText() const {
    return base::Base64UrlEncode(evidence_.PublicKey().bytes);
  }
  [[nodiscard]] static std::string Vkey() {
    return Signer("log.example/access").verifier().Vkey();
  }

 private:
  static absl::Time Time() { return absl::FromUnixMillis(1'767'225'600'123); }

  static std::vector<AccessLine> Lines() {
    return {
        {.attribute = "person.name", .form = 1, .reason = Reason::kReleased},
        {.attribute = "person.birth_date",
         .form = 2,
         .derivation = "over_n/1",
         .parameters = R"({"n":18})",
         .reason = Reason::kReleased},
        {.attribute = "person.email"}};
  }

  static ReceiptBody BodyOf(const Receipt& receipt) {
    return ReceiptBody::Parse(receipt.body_json).value();
  }

  static tlog::NoteSigner Signer(const std::string& origin) {
    return tlog::NoteSigner::Create(origin, KeyOf(2)).value();
  }

  [[nodiscard]] Receipt Sign(const std::string& body_json,
                             BatchKind kind) const {
    Receipt out;
    out.body_json = body_json;
    const std::vector<base::Bytes> items = {
        base::Bytes{1}, ReceiptItem(body_json), base::Bytes{2}};
    out.proof = SignBatch(kind, /*epoch=*/5, Time(), items, evidence_)[1];
    return out;
  }

  static std::string LogProofOf(const base::Digest32& commitment,
                                const std::string& origin, std::size_t index) {
    std::vector<base::Bytes> leaves(7, base::Bytes{1, 2, 3});
    leaves[index] = tlog::CommitmentLeaf(tlog::LeafKind::kAccess, commitment);
    const std::string text =
        tlog::CheckpointText({.origin = origin,
                              .size = leaves.size(),
                              .root = tlog::reference::Root(leaves)});
    return tlog::FormatProof({.index = index,
                              .hashes = tlog::reference::Path(index, leaves),
                              .checkpoint = Signer(origin).Sign(text).value()});
  }

  const crypto::Ed25519PrivateKey evidence_ = KeyOf(1);
  const tlog::Policy policy_ = tlog::Policy::ForLog(Vkey()).value();
};

}  // namespace limpid::receipt

#endif  // LIMPID_TESTS_INTEGRATION_RECEIPT_SAMPLE_H_
