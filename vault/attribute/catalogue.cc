#include "vault/attribute/catalogue.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "vault/attribute/starter_catalogue.h"

namespace limpid::vault {
namespace {

CatalogueEntryPtr EntryOf(Definition definition, json::Schema schema) {
  const std::size_t floor = json::LongestListedValue(definition.schema);
  return std::make_shared<const CatalogueEntry>(
      CatalogueEntry{std::move(definition), std::move(schema), floor});
}

absl::StatusOr<CatalogueEntryPtr> Compile(Definition definition) {
  LIMPID_RETURN_IF_ERROR(definition.Check());
  auto schema = json::Schema::Compile(definition.schema);
  if (!schema.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("schema_json: ", schema.status().message()));
  }
  return EntryOf(std::move(definition), *std::move(schema));
}

// One that an earlier version took and this one refuses costs its attribute new
// values, and nobody the vault; a new version of the definition ends that.
CatalogueEntryPtr Stored(Definition definition) {
  auto schema = json::Schema::Compile(definition.schema);
  json::Schema usable = schema.ok() ? *std::move(schema)
                                    : json::Schema::Refusing(schema.status());
  return EntryOf(std::move(definition), std::move(usable));
}

absl::Status CheckSuccessor(const Definition& old, const Definition& next) {
  if (next.sensitivity < old.sensitivity) {
    return absl::FailedPreconditionError("sensitivity may only rise");
  }
  if (old.direct_identifier && !next.direct_identifier) {
    return absl::FailedPreconditionError(
        "a direct identifier stays one; make a new attribute");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Catalogue>> Catalogue::Load(
    VaultStore& store, const ActWriter& acts, absl::Time now) {
  std::unique_ptr<Catalogue> catalogue(new Catalogue(store, acts));
  LIMPID_ASSIGN_OR_RETURN(const auto rows, store.ListDefinitions());
  for (const DefinitionRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(Definition definition,
                            Definition::FromJson(row.body_json));
    catalogue->Remember(Stored(std::move(definition)));
  }
  LIMPID_RETURN_IF_ERROR(catalogue->AddStarter(now));
  return catalogue;
}

absl::Status Catalogue::AddStarter(absl::Time now) {
  std::vector<CatalogueEntryPtr> missing;
  for (Definition& definition : StarterCatalogue()) {
    if (Newest(definition.id) != nullptr) continue;
    LIMPID_ASSIGN_OR_RETURN(auto entry, Compile(std::move(definition)));
    missing.push_back(std::move(entry));
  }
  return Insert(missing, now);
}

absl::Status Catalogue::Insert(const std::vector<CatalogueEntryPtr>& entries,
                               absl::Time now) {
  if (entries.empty()) return absl::OkStatus();
  const absl::Status written = store_.Write([&](VaultTransaction& transaction) {
    for (const CatalogueEntryPtr& entry : entries) {
      const Definition& definition = entry->definition;
      const std::string body = definition.ToJson();
      LIMPID_RETURN_IF_ERROR(transaction.InsertDefinition(
          {definition.id, definition.schema_version, body}));
      Act act;
      act.kind = ActKind::kAdmin;
      act.attribute = definition.id;
      act.schema_version = definition.schema_version;
      act.body = crypto::Sha256(base::AsBytes(body));
      act.time = now;
      LIMPID_RETURN_IF_ERROR(
          acts_.Append(transaction, std::move(act), Owner(), NameKey(), nullptr)
              .status());
    }
    return absl::OkStatus();
  });
  if (!written.ok()) return written;
  for (const CatalogueEntryPtr& entry : entries) Remember(entry);
  return absl::OkStatus();
}

void Catalogue::Remember(CatalogueEntryPtr entry) {
  const base::MutexLock lock(mutex_);
  Versions& versions = entries_[entry->definition.id];
  const std::uint32_t version = entry->definition.schema_version;
  versions[version] = std::move(entry);
}

CatalogueEntryPtr Catalogue::Newest(std::string_view id) const {
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.rbegin()->second;
}

absl::StatusOr<CatalogueEntryPtr> Catalogue::Find(
    std::string_view id, std::uint32_t schema_version) const {
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) {
    if (schema_version == 0) return found->second.rbegin()->second;
    const auto version = found->second.find(schema_version);
    if (version != found->second.end()) return version->second;
  }
  return absl::NotFoundError("the catalogue has no such attribute");
}

std::vector<CatalogueEntryPtr> Catalogue::List(std::string_view after,
                                               std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<CatalogueEntryPtr> out;
  for (auto item = entries_.upper_bound(after);
       item != entries_.end() && out.size() < limit; ++item) {
    out.push_back(item->second.rbegin()->second);
  }
  return out;
}

absl::StatusOr<CatalogueEntryPtr> Catalogue::Create(Definition definition,
                                                    absl::Time now) {
  const base::MutexLock lock(creating_);
  const CatalogueEntryPtr newest = Newest(definition.id);
  definition.schema_version = 1;
  if (newest != nullptr) {
    definition.schema_version = newest->definition.schema_version;
    if (definition == newest->definition) return newest;
    ++definition.schema_version;
    LIMPID_RETURN_IF_ERROR(CheckSuccessor(newest->definition, definition));
  }
  LIMPID_ASSIGN_OR_RETURN(auto entry, Compile(std::move(definition)));
  LIMPID_RETURN_IF_ERROR(Insert({entry}, now));
  return entry;
}

}  // namespace limpid::vault
