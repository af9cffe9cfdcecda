// Erasing and rotating in SQL: the part of the values' transactions that
// vault/erasure asks for.

#ifndef LIMPID_VAULT_STORE_SQL_ERASURE_H_
#define LIMPID_VAULT_STORE_SQL_ERASURE_H_

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "common/storage/database.h"
#include "common/storage/session.h"
#include "vault/erasure/erasure_store.h"

namespace limpid::vault {

// The step of the values' schema that adds holds and certificates.
storage::Migration ErasureMigration();

// In one open transaction or snapshot.
class SqlErasure final : public ErasureTransaction {
 public:
  explicit SqlErasure(storage::Session& session) : session_(session) {}

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
  using Values = std::initializer_list<storage::Value>;

  absl::StatusOr<std::vector<AttributeRow>> Rows(const Owner& owner,
                                                 std::string_view sql,
                                                 Values values) const;
  absl::StatusOr<std::vector<HoldRow>> HoldRows(std::string_view sql,
                                                Values values) const;
  // kNotFound unless one row changed.
  absl::Status ChangeOne(std::string_view sql, Values values);

  storage::Session& session_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_SQL_ERASURE_H_
