// Receipts: what the person keeps of a grant, a withdrawal or an access, and
// how anybody verifies it offline. Knows no store and no network.
// docs/formats/receipt.md

#ifndef LIMPID_COMMON_RECEIPT_RECEIPT_H_
#define LIMPID_COMMON_RECEIPT_RECEIPT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/batch.h"
#include "common/tlog/policy.h"

namespace limpid::receipt {

enum class ReceiptType : std::uint8_t {
  kGrant = 1,
  kWithdrawal = 2,
  kAccess = 3,
};

// The body that is proven. Ids are texts ("rec_…"); what does not apply is
// empty or zero.
struct ReceiptBody {
  std::string access;
  std::string agreement;
  base::Digest32 agreement_hash{};
  base::Digest32 commitment{};
  std::string id;
  std::vector<AccessLine> lines;
  // Until when the commitment will be in the log.
  absl::Time log_by;
  base::Digest32 notice_hash{};
  std::string operator_name;
  std::string purpose;
  std::string record;
  std::uint64_t revision = 0;
  std::string service;
  base::Digest32 statement_hash{};
  absl::Time time;
  ReceiptType type = ReceiptType::kAccess;

  [[nodiscard]] std::string Canonical() const;
  // Errors:
  //   kInvalidArgument  not canonical JSON, or a member missing, unknown,
  //                     doubled or malformed; the message names the member.
  static absl::StatusOr<ReceiptBody> Parse(std::string_view canonical_json);

  friend bool operator==(const ReceiptBody&, const ReceiptBody&) = default;
};

// The batch item that stands for a body.
base::Bytes ReceiptItem(std::string_view canonical_body);

// A receipt file.
struct Receipt {
  std::string body_json;
  BatchProof proof;
  // Encoded access entry and its opening: in the person's copy only.
  base::Bytes entry;
  std::optional<base::ByteArray<32>> opening;
  // Text of a tlog-proof file; empty while the receipt is only durable.
  std::string log_proof;

  // Canonical JSON of the whole file.
  [[nodiscard]] std::string ToFile() const;
  // Errors:
  //   kInvalidArgument  not a receipt file; the message names the member.
  static absl::StatusOr<Receipt> Parse(std::string_view file);
};

// Never mixed; docs/formats/receipt.md. Append, never renumber.
enum class Level : std::uint8_t { kDurable = 1, kLogged = 2 };

// "durable" or "logged".
std::string_view LevelName(Level level);

struct VerifiedReceipt {
  ReceiptBody body;
  Level level = Level::kDurable;
  // The opened entry, when the copy has one.
  std::optional<AccessEntry> entry;
};

// Verifies everything the file claims: the batch signature, that the opening
// and entry give the body's commitment, that the entry says what the body says
// (type, access, record, revision, service, time, purpose and lines), and the
// log proof when there is one.
// `access_log` trusts the operator's access log; a policy with witnesses makes
// a logged receipt a witnessed one.
//
// Errors:
//   kInvalidArgument  the file is malformed.
//   kDataLoss         a signature, commitment or proof does not verify, or the
//                     entry says something else than the body; the message
//                     names which, and the member.
absl::StatusOr<VerifiedReceipt> VerifyReceipt(
    const Receipt& receipt, const crypto::Ed25519PublicKey& evidence_key,
    const tlog::Policy& access_log);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_RECEIPT_H_
