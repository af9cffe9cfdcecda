#include "vault/store/memory_store.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "vault/store/memory_tables.h"

namespace limpid::vault {
namespace {

std::optional<AttributeRow> NewestOf(
    const std::map<std::uint64_t, AttributeRow>& versions) {
  const auto newest =
      std::find_if(versions.rbegin(), versions.rend(), [](const auto& version) {
        return version.second.state == RowState::kKept;
      });
  return newest == versions.rend() ? std::nullopt
                                   : std::optional(newest->second);
}

AttributeRow OutlineOf(AttributeRow row) {
  row.wrap.clear();
  row.payload.clear();
  return row;
}

class View final : public VaultTransaction {
 public:
  View(MemoryTables& tables, const CopyStore* copies)
      : tables_(tables), copies_(copies), erasure_(tables) {}

  ErasureTransaction& erasure() override { return erasure_; }

  absl::StatusOr<std::vector<std::optional<AttributeRow>>> Newest(
      const Owner& owner, std::span<const NameKey> names) const override {
    std::vector<std::optional<AttributeRow>> out;
    for (const NameKey& name : names) {
      const auto found = tables_.attributes.find(std::pair(owner, name));
      out.push_back(found == tables_.attributes.end()
                        ? std::nullopt
                        : NewestOf(found->second));
    }
    return out;
  }

  absl::StatusOr<std::optional<AttributeRow>> Find(
      const Owner& owner, const NameKey& name,
      std::uint64_t version) const override {
    const auto found = tables_.attributes.find(std::pair(owner, name));
    std::optional<AttributeRow> out;
    if (found == tables_.attributes.end()) return out;
    const auto row = found->second.find(version);
    if (row != found->second.end()) out = row->second;
    return out;
  }

  absl::StatusOr<std::uint64_t> HighestVersion(
      const Owner& owner, const NameKey& name) const override {
    const auto found = tables_.attributes.find(std::pair(owner, name));
    if (found == tables_.attributes.end()) return std::uint64_t{0};
    return found->second.rbegin()->first;
  }

  absl::StatusOr<std::optional<AttributeRow>> FindByRequest(
      const Owner& owner, const RequestKey& request) const override {
    const auto found = tables_.requests.find({owner, request});
    if (found == tables_.requests.end()) return std::optional<AttributeRow>();
    return Find(owner, found->second.first, found->second.second);
  }

  absl::StatusOr<std::vector<AttributeRow>> ListNewest(
      const Owner& owner) const override {
    std::vector<AttributeRow> out;
    for (const auto& [name, versions] : tables_.attributes) {
      if (name.first != owner) continue;
      if (auto row = NewestOf(versions)) {
        out.push_back(OutlineOf(*std::move(row)));
      }
    }
    return out;
  }

  absl::StatusOr<std::vector<AttributeRow>> History(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    std::vector<AttributeRow> out;
    const auto found = tables_.attributes.find(std::pair(owner, name));
    if (found == tables_.attributes.end()) return out;
    for (auto item = found->second.rbegin();
         item != found->second.rend() && out.size() < limit; ++item) {
      if (before == 0 || item->first < before) {
        out.push_back(OutlineOf(item->second));
      }
    }
    return out;
  }

  absl::StatusOr<std::vector<AttributeRow>> Outlines(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    std::vector<AttributeRow> out;
    const auto found = tables_.attributes.find(std::pair(owner, name));
    if (found == tables_.attributes.end()) return out;
    for (auto item = found->second.rbegin();
         item != found->second.rend() && out.size() < limit; ++item) {
      const AttributeRow& row = item->second;
      if (before != 0 && row.version >= before) continue;
      if (row.state != RowState::kKept) continue;
      out.push_back(OutlineOf(row));
    }
    return out;
  }

  absl::StatusOr<Usage> UsageOf(const Owner& owner) const override {
    Usage out;
    for (const auto& [name, versions] : tables_.attributes) {
      if (name.first != owner) continue;
      out.versions += versions.size();
      for (const auto& [version, row] : versions) {
        out.bytes += row.payload.size();
        if (row.state == RowState::kKept) ++out.kept;
      }
    }
    if (copies_ == nullptr) return out;
    LIMPID_ASSIGN_OR_RETURN(const CopyUsage copies, copies_->UsageOf(owner));
    out.bytes += copies.bytes;
    out.copy_bytes = copies.bytes;
    return out;
  }

  absl::StatusOr<LogHead> Head() const override {
    if (tables_.acts.empty()) return LogHead();
    return LogHead{tables_.acts.back().counter, tables_.acts.back().head};
  }

  absl::StatusOr<std::optional<ActRow>> FindAct(
      const ActKey& key) const override {
    const auto found = std::find_if(
        tables_.acts.rbegin(), tables_.acts.rend(), [&](const ActRow& row) {
          return row.owner == key.owner && row.name_key == key.name_key &&
                 row.version == key.version && row.kind == key.kind;
        });
    return found == tables_.acts.rend() ? std::nullopt
                                        : std::optional<ActRow>(*found);
  }

  absl::StatusOr<std::vector<std::int64_t>> RatedActs(
      const Owner& owner, ActKind kind, const ActSpan& span,
      std::size_t limit) const override {
    std::vector<std::int64_t> out;
    for (const ActRow& row : tables_.acts) {
      if (row.owner == owner && row.kind == kind &&
          row.time_ms > span.after_ms && row.time_ms <= span.until_ms) {
        out.push_back(row.time_ms);
      }
    }
    std::sort(out.rbegin(), out.rend());
    out.resize(std::min(out.size(), limit));
    return out;
  }

  absl::StatusOr<std::uint64_t> LastLostAct() const override {
    std::uint64_t out = 0;
    for (const ActRow& row : tables_.acts) {
      if (row.kind == ActKind::kLost) out = row.counter;
    }
    return out;
  }

  absl::StatusOr<std::vector<ActRow>> ActsFrom(
      std::uint64_t first, std::size_t limit) const override {
    std::vector<ActRow> out;
    for (const ActRow& row : tables_.acts) {
      if (row.counter >= first && out.size() < limit) out.push_back(row);
    }
    return out;
  }

  absl::StatusOr<std::vector<DefinitionRow>> ListDefinitions() const override {
    std::vector<DefinitionRow> out;
    for (const auto& item : tables_.definitions) out.push_back(item.second);
    return out;
  }

  absl::StatusOr<std::vector<RecoveryRow>> Recoveries(
      const Owner& owner) const override {
    std::vector<RecoveryRow> out;
    for (const auto& [key, row] : tables_.recoveries) {
      if (key.first == owner) out.push_back(row);
    }
    return out;
  }

  absl::StatusOr<std::vector<SourceLinkRow>> SourceLinks(
      const Owner& owner) const override {
    std::vector<SourceLinkRow> out;
    for (const auto& [key, row] : tables_.source_links) {
      if (key.first == owner) out.push_back(row);
    }
    return out;
  }

  absl::Status Insert(const AttributeRow& row) override {
    auto& versions = tables_.attributes[std::pair(row.owner, row.name_key)];
    if (versions.contains(row.version) ||
        !tables_.requests
             .emplace(std::pair(row.owner, row.request_key),
                      std::pair(row.name_key, row.version))
             .second) {
      return absl::AlreadyExistsError("the version or the request exists");
    }
    versions.emplace(row.version, row);
    return absl::OkStatus();
  }

  absl::Status Erase(const Owner& owner, const NameKey& name,
                     std::uint64_t version, std::int64_t erase_ms) override {
    const auto found = tables_.attributes.find(std::pair(owner, name));
    if (found != tables_.attributes.end()) {
      const auto row = found->second.find(version);
      if (row != found->second.end() && row->second.state == RowState::kKept) {
        row->second.state = RowState::kErased;
        row->second.erase_ms = erase_ms;
        row->second.wrap.clear();
        row->second.payload.clear();
        return absl::OkStatus();
      }
    }
    return absl::NotFoundError("no such row");
  }

  absl::Status AppendAct(const ActRow& row) override {
    if (row.counter != tables_.acts.size() + 1) {
      return absl::AbortedError("another act was first");
    }
    tables_.acts.push_back(row);
    return absl::OkStatus();
  }

  absl::Status InsertDefinition(const DefinitionRow& row) override {
    if (!tables_.definitions.emplace(std::pair(row.id, row.schema_version), row)
             .second) {
      return absl::AlreadyExistsError("the schema version exists");
    }
    return absl::OkStatus();
  }

  absl::Status PutRecovery(const RecoveryRow& row) override {
    tables_.recoveries[std::pair(row.owner, row.slot_id)] = row;
    return absl::OkStatus();
  }

  absl::Status PutSourceLink(const SourceLinkRow& row) override {
    tables_.source_links[std::pair(row.owner, row.source_key)] = row;
    return absl::OkStatus();
  }
  absl::Status DeleteSourceLink(const Owner& owner,
                                const SourceKey& source) override {
    return tables_.source_links.erase(std::pair(owner, source)) == 1
               ? absl::OkStatus()
               : absl::NotFoundError("no such row");
  }

 private:
  MemoryTables& tables_;
  const CopyStore* const copies_;
  MemoryErasure erasure_;
};

class MemoryVaultStore final : public VaultStore {
 public:
  explicit MemoryVaultStore(const CopyStore* copies) : copies_(copies) {}

  absl::Status Write(
      absl::FunctionRef<absl::Status(VaultTransaction&)> work) override {
    const base::MutexLock lock(mutex_);
    MemoryTables next = tables_;
    View view(next, copies_);
    LIMPID_RETURN_IF_ERROR(work(view));
    tables_ = std::move(next);
    return absl::OkStatus();
  }

  absl::Status Snapshot(
      absl::FunctionRef<absl::Status(const VaultReads&)> work) const override {
    const base::MutexLock lock(mutex_);
    return work(View(tables_, copies_));
  }
  absl::Status ReadErasure(absl::FunctionRef<absl::Status(const ErasureReads&)>
                               work) const override {
    const base::MutexLock lock(mutex_);
    return work(MemoryErasure(tables_));
  }
  absl::Status Scrub() override { return absl::OkStatus(); }

  absl::StatusOr<std::vector<std::optional<AttributeRow>>> Newest(
      const Owner& owner, std::span<const NameKey> names) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).Newest(owner, names);
  }
  absl::StatusOr<std::optional<AttributeRow>> Find(
      const Owner& owner, const NameKey& name,
      std::uint64_t version) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).Find(owner, name, version);
  }
  absl::StatusOr<std::uint64_t> HighestVersion(
      const Owner& owner, const NameKey& name) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).HighestVersion(owner, name);
  }
  absl::StatusOr<std::optional<AttributeRow>> FindByRequest(
      const Owner& owner, const RequestKey& request) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).FindByRequest(owner, request);
  }
  absl::StatusOr<std::vector<AttributeRow>> ListNewest(
      const Owner& owner) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).ListNewest(owner);
  }
  absl::StatusOr<std::vector<AttributeRow>> History(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).History(owner, name, before, limit);
  }
  absl::StatusOr<std::vector<AttributeRow>> Outlines(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).Outlines(owner, name, before, limit);
  }
  absl::StatusOr<Usage> UsageOf(const Owner& owner) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).UsageOf(owner);
  }
  absl::StatusOr<LogHead> Head() const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).Head();
  }
  absl::StatusOr<std::optional<ActRow>> FindAct(
      const ActKey& key) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).FindAct(key);
  }
  absl::StatusOr<std::vector<std::int64_t>> RatedActs(
      const Owner& owner, ActKind kind, const ActSpan& span,
      std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).RatedActs(owner, kind, span, limit);
  }
  absl::StatusOr<std::uint64_t> LastLostAct() const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).LastLostAct();
  }
  absl::StatusOr<std::vector<ActRow>> ActsFrom(
      std::uint64_t first, std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).ActsFrom(first, limit);
  }
  absl::StatusOr<std::vector<DefinitionRow>> ListDefinitions() const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).ListDefinitions();
  }
  absl::StatusOr<std::vector<RecoveryRow>> Recoveries(
      const Owner& owner) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).Recoveries(owner);
  }
  absl::StatusOr<std::vector<SourceLinkRow>> SourceLinks(
      const Owner& owner) const override {
    const base::MutexLock lock(mutex_);
    return View(tables_, copies_).SourceLinks(owner);
  }

 private:
  const CopyStore* const copies_;
  mutable base::Mutex mutex_;
  // Mutable for View, whose reads change nothing.
  mutable MemoryTables tables_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<VaultStore> NewMemoryVaultStore() {
  return std::make_unique<MemoryVaultStore>(nullptr);
}

std::unique_ptr<VaultStore> NewMemoryVaultStore(const CopyStore& copies) {
  return std::make_unique<MemoryVaultStore>(&copies);
}

}  // namespace limpid::vault
