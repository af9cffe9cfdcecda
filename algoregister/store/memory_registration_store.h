// The register's stores in memory, for tests.

#ifndef LIMPID_ALGOREGISTER_STORE_MEMORY_REGISTRATION_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_MEMORY_REGISTRATION_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class MemoryRegistrationStore : public RegistrationStore {
 public:
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
  struct State {
    std::map<RegistrationId, std::vector<Version>> versions;
    // In the order of Add.
    std::vector<std::pair<RegistrationId, std::uint32_t>> order;
    std::map<Alias, RegistrationId> aliases;
    std::map<SnapshotId, RegistrationId> snapshots;
    // By registration, version and pointer.
    std::map<std::tuple<RegistrationId, std::uint32_t, std::string>,
             FieldErasure>
        erasures;
  };
  static absl::Status AddOne(const NewVersion& next, State& state);
  static absl::Status EraseOne(const FieldErasure& erasure, State& state);
  static const Version* Newest(const std::vector<Version>& versions);
  static Head HeadOf(const Version& version);
  [[nodiscard]] std::vector<Head> Matching(const ListFilter& filter) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_);
};

// Thread-safe.
class MemoryPublisherStore final : public PublisherStore {
 public:
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
  [[nodiscard]] bool Clashes(const Publisher& publisher) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  std::map<PublisherId, Publisher> publishers_ ABSL_GUARDED_BY(mutex_);
  std::map<base::ByteArray<base::kIdBytes>, PublisherId> requests_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_MEMORY_REGISTRATION_STORE_H_
