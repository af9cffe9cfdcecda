// The tables of the values' store in memory, and erasing and rotating in them.

#ifndef LIMPID_VAULT_STORE_MEMORY_TABLES_H_
#define LIMPID_VAULT_STORE_MEMORY_TABLES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vault/attribute/vault_store.h"
#include "vault/erasure/erasure_store.h"

namespace limpid::vault {

// Everything; a transaction works on a copy.
struct MemoryTables {
  std::map<std::pair<Owner, NameKey>, std::map<std::uint64_t, AttributeRow>>
      attributes;
  std::map<std::pair<Owner, RequestKey>, std::pair<NameKey, std::uint64_t>>
      requests;
  std::vector<ActRow> acts;
  std::map<std::pair<std::string, std::uint32_t>, DefinitionRow> definitions;
  std::map<HoldId, HoldRow> holds;
  std::map<CertificateId, CertificateRow> certificates;
  std::map<std::pair<Owner, base::ByteArray<16>>, RecoveryRow> recoveries;
  std::map<std::pair<Owner, SourceKey>, SourceLinkRow> source_links;
};

class MemoryErasure final : public ErasureTransaction {
 public:
  explicit MemoryErasure(MemoryTables& tables) : tables_(tables) {}

  absl::StatusOr<std::optional<AttributeRow>> FindById(
      const Owner& owner, const crypto::KeyId& id) const override;
  absl::StatusOr<std::vector<AttributeRow>> KeptOf(
      const Owner& owner, const NameKey& name) const override;
  absl::StatusOr<std::vector<AttributeRow>> RowsBelow(
      const Owner& owner, std::uint32_t generation, const RowPlace& after,
      std::size_t limit) const override;
  absl::StatusOr<std::vector<SealedAct>> ActsBelow(
      const Owner& owner, std::uint32_t generation,
      std::size_t limit) const override;
  absl::StatusOr<PersonCount> Count(const Owner& owner) const override;
  absl::StatusOr<std::vector<KeyMade>> NewestKeys(
      std::size_t limit) const override;
  absl::StatusOr<std::vector<Owner>> OwnersAfter(
      const Owner& after, std::size_t limit) const override;
  absl::StatusOr<std::vector<AttributeRow>> KeptAfter(
      const Owner& owner, const NameKey& name, std::uint64_t version,
      std::size_t limit) const override;
  absl::StatusOr<std::vector<HoldRow>> Holds(const Owner& owner) const override;
  absl::StatusOr<std::optional<HoldRow>> FindHold(
      const HoldId& id) const override;
  absl::StatusOr<std::optional<CertificateRow>> FindCertificate(
      const CertificateId& id) const override;

  absl::Status Rewrap(const AttributeRow& row) override;
  absl::StatusOr<bool> Replace(const AttributeRow& was,
                               const AttributeRow& now) override;
  absl::Status Reseal(const SealedAct& act) override;
  absl::StatusOr<std::int64_t> ForgetPerson(const Owner& owner) override;
  absl::Status InsertHold(const HoldRow& row) override;
  absl::Status LiftHold(const HoldId& id, std::int64_t lifted_ms) override;
  absl::Status InsertCertificate(const CertificateRow& row) override;

 private:
  MemoryTables& tables_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_MEMORY_TABLES_H_
