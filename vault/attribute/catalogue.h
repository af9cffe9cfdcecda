// The catalogue in use: definitions with their compiled schemas, loaded once,
// added to by administrators. Decides what may be stored; knows no person.

#ifndef LIMPID_VAULT_ATTRIBUTE_CATALOGUE_H_
#define LIMPID_VAULT_ATTRIBUTE_CATALOGUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/json/schema.h"
#include "vault/attribute/definition.h"
#include "vault/attribute/vault_store.h"
#include "vault/log/act_writer.h"

namespace limpid::vault {

// A definition ready for use. Immutable.
struct CatalogueEntry {
  Definition definition;
  json::Schema schema;
  // Canonical length of the longest value when the schema lists them all or is
  // boolean, else 0: shorter ones are padded to it.
  std::size_t pad_floor_bytes = 0;
};
// Shared: a definition may be replaced while a put is using it.
using CatalogueEntryPtr = std::shared_ptr<const CatalogueEntry>;

// Thread-safe.
class Catalogue {
 public:
  // Loads `store` and adds what is missing of the starter catalogue. Both
  // arguments must outlive the catalogue.
  //
  // Errors:
  //   kDataLoss  a stored definition does not parse. Of one whose schema does
  //              not compile any more, no value fits.
  static absl::StatusOr<std::unique_ptr<Catalogue>> Load(VaultStore& store,
                                                         const ActWriter& acts,
                                                         absl::Time now);

  // One schema version, or the newest for 0.
  //
  // Errors:
  //   kNotFound  no such attribute or version.
  absl::StatusOr<CatalogueEntryPtr> Find(std::string_view id,
                                         std::uint32_t schema_version) const;

  // The newest definitions with ids after `after`, by id, at most `limit`.
  [[nodiscard]] std::vector<CatalogueEntryPtr> List(std::string_view after,
                                                    std::size_t limit) const;

  // Adds a definition as the next schema version of its id, with an admin act.
  // One equal to the newest but for the version is answered with that.
  //
  // Errors:
  //   kInvalidArgument     the definition or its schema; names the field.
  //   kFailedPrecondition  lower sensitivity, or no direct identifier any
  //                        more.
  absl::StatusOr<CatalogueEntryPtr> Create(Definition definition,
                                           absl::Time now);

 private:
  using Versions = std::map<std::uint32_t, CatalogueEntryPtr>;

  Catalogue(VaultStore& store, const ActWriter& acts)
      : store_(store), acts_(acts) {}
  [[nodiscard]] CatalogueEntryPtr Newest(std::string_view id) const;
  void Remember(CatalogueEntryPtr entry);
  absl::Status AddStarter(absl::Time now);
  absl::Status Insert(const std::vector<CatalogueEntryPtr>& entries,
                      absl::Time now);

  VaultStore& store_;
  const ActWriter& acts_;
  // Serialises Create, so that versions have no gaps.
  base::Mutex creating_;
  mutable base::Mutex mutex_;
  std::map<std::string, Versions, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_CATALOGUE_H_
