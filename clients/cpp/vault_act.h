// An act of a vault as its person checks it: what the vault discloses about a
// leaf of its log. Knows no vault code. docs/formats/vault-log.md

#ifndef LIMPID_CLIENTS_CPP_VAULT_ACT_H_
#define LIMPID_CLIENTS_CPP_VAULT_ACT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "limpid/vault/v1/erasure_service.pb.h"
#include "limpid/vault/v1/person_vault_service.pb.h"

namespace limpid::client {

// The act that was asked about.
struct AskedAct {
  // "src_…", the pinned one.
  std::string source_id;
  std::string attribute;
  // Of the value, from 1.
  std::uint64_t version = 0;
  vault::v1::VaultAct act = vault::v1::VAULT_ACT_UNSPECIFIED;
  // Her id in the vault, as SealedPin keeps it. Without one nothing tells whose
  // act it is.
  std::optional<base::ByteArray<16>> holder;
};

// Checks that the answer's opening is a disclosure of the asked act, that it
// opens to the answer's commitment and, where the act is logged, that its
// counter is the leaf's; with a holder asked for, that it is of that one.
// Whether the log has the leaf is the caller's question.
//
// Errors:
//   kDataLoss  one of them fails; the message does not say which.
absl::Status CheckAct(const vault::v1::GetVaultLogProofResponse& answer,
                      const AskedAct& asked);

// The same of the act of an erasure, and that the act stands for the answer's
// certificate. Everything of a person: VAULT_ACT_DESTROY, version 0, no
// attribute.
//
// Errors: the same.
absl::Status CheckErasure(
    const vault::v1::GetErasureCertificateResponse& answer,
    const AskedAct& asked);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_VAULT_ACT_H_
