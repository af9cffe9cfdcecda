// The register's stores on common/storage: one SQL text for both engines.

#ifndef LIMPID_ALGOREGISTER_STORE_SQL_REGISTRATION_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_SQL_REGISTRATION_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/storage/database.h"

namespace limpid::algoregister {

// The schema that both stores below need, for storage::Options::migrations.
std::vector<storage::Migration> RegisterMigrations();

// Thread-safe. `database` must outlive it.
class SqlRegistrationStore final : public RegistrationStore {
 public:
  explicit SqlRegistrationStore(storage::Database& database)
      : database_(database) {}

  absl::Status Add(std::span<const NewVersion> versions) override;
  absl::Status MarkLogged(std::span<const LogPlace> places) override;
  absl::StatusOr<std::vector<Version>> Pending() const override;
  absl::StatusOr<std::uint64_t> LoggedSize() const override;
  absl::StatusOr<std::vector<Version>> LoggedFrom(
      std::uint64_t first, std::size_t limit) const override;
  absl::StatusOr<Version> Get(const RegistrationId& registration,
                              std::uint32_t number) const override;
  absl::StatusOr<std::vector<Version>> History(
      const RegistrationId& registration, std::uint32_t after,
      std::size_t limit) const override;
  absl::StatusOr<Head> GetHead(
      const RegistrationId& registration) const override;
  absl::StatusOr<std::vector<Head>> List(const ListFilter& filter,
                                         const std::optional<ListCursor>& after,
                                         std::size_t limit) const override;
  absl::StatusOr<std::uint64_t> Count(const ListFilter& filter) const override;
  absl::StatusOr<std::optional<RegistrationId>> FindAlias(
      const Alias& alias) const override;
  absl::StatusOr<std::uint64_t> CountAliases(
      std::string_view scheme) const override;
  absl::StatusOr<std::vector<OwnedAlias>> ListAliases(
      std::string_view scheme, std::string_view after,
      std::size_t limit) const override;
  absl::StatusOr<std::optional<RegistrationId>> FindOrganisation(
      std::string_view title,
      const std::optional<PublisherId>& keeper) const override;
  absl::StatusOr<std::optional<RegistrationId>> FindSnapshot(
      const SnapshotId& snapshot) const override;
  absl::StatusOr<Version> GetAt(const RegistrationId& registration,
                                absl::Time time) const override;
  absl::Status EraseFields(std::span<const FieldErasure> erasures) override;
  absl::StatusOr<std::vector<FieldErasure>> Erasures(
      const RegistrationId& registration) const override;
  absl::StatusOr<std::vector<Referrer>> Referrers(
      const LinkQuery& query, const std::optional<ReferrerCursor>& after,
      std::size_t limit) const override;
  absl::StatusOr<std::size_t> FillLinks(std::size_t limit) override;

 private:
  absl::StatusOr<std::vector<Version>> Versions(
      std::string_view sql, std::span<const storage::Value> values) const;
  absl::StatusOr<std::optional<RegistrationId>> FindRegistration(
      std::string_view sql, std::span<const storage::Value> values) const;
  absl::StatusOr<std::uint64_t> Number(
      std::string_view sql, std::span<const storage::Value> values) const;

  storage::Database& database_;
};

// Thread-safe. `database` must outlive it.
class SqlPublisherStore final : public PublisherStore {
 public:
  explicit SqlPublisherStore(storage::Database& database)
      : database_(database) {}

  absl::StatusOr<Publisher> Create(
      const Publisher& publisher,
      const base::ByteArray<base::kIdBytes>& request) override;
  absl::Status Update(const Publisher& publisher) override;
  absl::StatusOr<Publisher> FindByCertificate(
      const base::Digest32& thumbprint) const override;
  absl::StatusOr<Publisher> FindBySigningKey(
      const crypto::Ed25519PublicKey& key) const override;
  absl::StatusOr<std::vector<Publisher>> List(
      const std::optional<PublisherId>& after,
      std::size_t limit) const override;

 private:
  storage::Database& database_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_SQL_REGISTRATION_STORE_H_
