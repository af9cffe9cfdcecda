// What consent asks of the house, answered by common: the access log by a
// tlog::Log, keys by the key ring, purposes by the DPV taxonomy.

#ifndef LIMPID_SERVER_ADAPTERS_CONSENT_PORTS_H_
#define LIMPID_SERVER_ADAPTERS_CONSENT_PORTS_H_

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/keyring.h"
#include "common/tlog/log.h"
#include "common/vocab/taxonomy.h"
#include "consent/ledger/ports.h"
#include "consent/purpose/purposes.h"
#include "vault/attribute/catalogue.h"

namespace limpid::server {

// All thread-safe; what they are made over must outlive them.

class TlogAccessLog final : public consent::AccessLog {
 public:
  explicit TlogAccessLog(tlog::Log& log) : log_(log) {}

  [[nodiscard]] std::uint64_t size() const override { return log_.size(); }
  absl::StatusOr<std::uint64_t> Append(
      std::span<const base::Bytes> entries) override;
  [[nodiscard]] absl::StatusOr<std::string> Prove(
      std::uint64_t index) const override;

 private:
  tlog::Log& log_;
};

class ConsentKeks final : public consent::KekSource {
 public:
  explicit ConsentKeks(const crypto::KeyRing& ring) : ring_(ring) {}

  [[nodiscard]] std::uint32_t current_epoch() const override {
    return ring_.current_epoch();
  }
  [[nodiscard]] absl::StatusOr<base::SecretBytes> Kek(
      std::uint32_t epoch) const override;

 private:
  const crypto::KeyRing& ring_;
};

class DpvPurposes final : public consent::Purposes {
 public:
  [[nodiscard]] bool Knows(std::string_view iri) const override {
    return purposes_.Contains(iri);
  }
  [[nodiscard]] bool IsSameOrNarrower(
      std::string_view asked, std::string_view consented) const override {
    return purposes_.IsSameOrNarrower(asked, consented);
  }

 private:
  const vocab::Purposes purposes_;
};

// Ranks by the catalogue of the vault in the same process, once it is there.
// Derivations are those that a vault of this release makes, wherever it runs.
class VaultAttributeRanks final : public consent::AttributeRanks {
 public:
  [[nodiscard]] bool IsOrdinary(std::string_view attribute) const override;
  [[nodiscard]] absl::Status CheckDerivation(
      std::string_view attribute, std::string_view derivation,
      std::string_view parameters) const override;
  // `catalogue` must outlive the last question.
  void Use(const vault::Catalogue& catalogue) { catalogue_ = &catalogue; }

 private:
  std::atomic<const vault::Catalogue*> catalogue_ = nullptr;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_CONSENT_PORTS_H_
