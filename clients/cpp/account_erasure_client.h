// Having one's account at consent erased, and checking the operator's word that
// it is. docs/formats/account-erasure.md

#ifndef LIMPID_CLIENTS_CPP_ACCOUNT_ERASURE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_ACCOUNT_ERASURE_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/trust.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"

namespace limpid::client {

// The operator's confirmation with what it is about, as a person keeps it.
struct AccountErasure {
  // "per_…"
  std::string person_id;
  // What she signed.
  std::string statement;
  base::ByteArray<64> signature{};
  // When it began, for good; millisecond precision.
  absl::Time time;
  // Encoded receipt::BatchProof.
  base::Bytes proof;
  // Nothing was left to do when the server answered.
  bool finished = false;
  // Consents and deletion duties that the server could not read when it erased
  // them. Not signed, and not in the file.
  std::uint64_t unreadable_count = 0;

  // A JSON file: {"format": "limpid-account-erasure/1", "evidence_key",
  // "person", "proof", "signature", "statement", "time"}.
  [[nodiscard]] std::string File(
      const crypto::Ed25519PublicKey& evidence_key) const;
};

// Checks the operator's word against what was asked.
//
// Errors:
//   kDataLoss  `evidence_key` did not sign that this account is erased on this
//              statement at this time.
absl::Status CheckAccountErasure(const AccountErasure& erasure,
                                 const crypto::Ed25519PublicKey& evidence_key);

// Thread-safe. All must outlive it.
class AccountErasureClient {
 public:
  AccountErasureClient(Connection& connection, const PersonKey& key,
                       const Trust& trust, const base::Clock& clock)
      : connection_(connection), key_(key), trust_(trust), clock_(clock) {}

  // Signs that the account of `person_id` ("per_…") is to be erased, has it
  // done, and checks the answer. Never sent twice: a second call is refused
  // when the first one came through.
  //
  // Errors: those of Connection::Call, and
  //   kDataLoss  the answer is not the operator's word; the account may be gone
  //              all the same.
  absl::StatusOr<AccountErasure> Erase(std::string_view person_id,
                                       bool give_up_duties);

 private:
  Connection& connection_;
  const PersonKey& key_;
  const Trust& trust_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_ACCOUNT_ERASURE_CLIENT_H_
