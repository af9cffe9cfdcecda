#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "vault/store/memory_tables.h"

namespace limpid::vault {
namespace {

// Every row of the owner, in the order of the SQL stores.
template <typename Tables, typename Function>
void ForEachRow(Tables& tables, const Owner& owner, Function function) {
  for (auto& [name, versions] : tables.attributes) {
    if (name.first != owner) continue;
    for (auto& [version, row] : versions) function(row);
  }
}

AttributeRow Light(AttributeRow row) {
  row.payload.clear();
  return row;
}

}  // namespace

absl::StatusOr<std::optional<AttributeRow>> MemoryErasure::FindById(
    const Owner& owner, const crypto::KeyId& id) const {
  std::optional<AttributeRow> out;
  ForEachRow(tables_, owner, [&](const AttributeRow& row) {
    if (row.id == id) out = Light(row);
  });
  return out;
}

absl::StatusOr<std::vector<AttributeRow>> MemoryErasure::KeptOf(
    const Owner& owner, const NameKey& name) const {
  std::vector<AttributeRow> out;
  ForEachRow(tables_, owner, [&](const AttributeRow& row) {
    if (row.name_key == name && row.state == RowState::kKept) {
      out.push_back(Light(row));
    }
  });
  return out;
}

absl::StatusOr<std::vector<AttributeRow>> MemoryErasure::RowsBelow(
    const Owner& owner, std::uint32_t generation, const RowPlace& after,
    std::size_t limit) const {
  std::vector<AttributeRow> out;
  ForEachRow(tables_, owner, [&](const AttributeRow& row) {
    if (row.custody == Custody::kAssisted && row.generation < generation &&
        RowPlace{row.name_key, row.version} > after && out.size() < limit) {
      out.push_back(Light(row));
    }
  });
  return out;
}

absl::StatusOr<std::vector<SealedAct>> MemoryErasure::ActsBelow(
    const Owner& owner, std::uint32_t generation, std::size_t limit) const {
  std::vector<SealedAct> out;
  for (const ActRow& row : tables_.acts) {
    if (row.owner == owner && row.generation > 0 &&
        row.generation < generation) {
      out.push_back(
          {row.counter, row.generation, row.commitment, row.sealed_disclosure});
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const SealedAct& left, const SealedAct& right) {
                     return left.generation < right.generation;
                   });
  out.resize(std::min(out.size(), limit));
  return out;
}

absl::StatusOr<PersonCount> MemoryErasure::Count(const Owner& owner) const {
  PersonCount out;
  const auto span = [&](std::uint32_t generation) {
    const bool first = out.rows + out.acts == 1;
    out.lowest = first ? generation : std::min(out.lowest, generation);
    out.highest = std::max(out.highest, generation);
  };
  ForEachRow(tables_, owner, [&](const AttributeRow& row) {
    if (row.custody != Custody::kAssisted) return;
    ++out.rows;
    if (row.state == RowState::kKept) ++out.kept;
    span(row.generation);
  });
  for (const ActRow& row : tables_.acts) {
    if (row.owner != owner || row.generation == 0) continue;
    ++out.acts;
    span(row.generation);
  }
  return out;
}

absl::StatusOr<std::vector<KeyMade>> MemoryErasure::NewestKeys(
    std::size_t limit) const {
  std::vector<KeyMade> out;
  for (auto act = tables_.acts.rbegin();
       act != tables_.acts.rend() && out.size() < limit; ++act) {
    // One that lost its person has no version.
    if (act->kind != ActKind::kKey || act->version == 0) continue;
    out.push_back({act->owner, static_cast<std::uint32_t>(act->version)});
  }
  return out;
}

absl::StatusOr<std::vector<Owner>> MemoryErasure::OwnersAfter(
    const Owner& after, std::size_t limit) const {
  std::vector<Owner> out;
  for (const auto& [name, versions] : tables_.attributes) {
    const Owner& owner = name.first;
    if (owner <= after || (!out.empty() && out.back() == owner)) continue;
    if (out.size() == limit) break;
    const bool kept = std::any_of(
        versions.begin(), versions.end(),
        [](const auto& one) { return one.second.state == RowState::kKept; });
    if (kept) out.push_back(owner);
  }
  return out;
}

absl::StatusOr<std::vector<AttributeRow>> MemoryErasure::KeptAfter(
    const Owner& owner, const NameKey& name, std::uint64_t version,
    std::size_t limit) const {
  std::vector<AttributeRow> out;
  ForEachRow(tables_, owner, [&](const AttributeRow& row) {
    const bool after =
        std::tie(row.name_key, row.version) > std::tie(name, version);
    if (!after || row.state != RowState::kKept || out.size() == limit) return;
    AttributeRow& head = out.emplace_back(row);
    head.payload.resize(std::min(head.payload.size(), kPayloadHeadBytes));
  });
  return out;
}

absl::StatusOr<std::vector<HoldRow>> MemoryErasure::Holds(
    const Owner& owner) const {
  std::vector<HoldRow> out;
  for (const auto& [id, row] : tables_.holds) {
    if (row.owner == owner) out.push_back(row);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const HoldRow& left, const HoldRow& right) {
                     return left.placed_ms < right.placed_ms;
                   });
  return out;
}

absl::StatusOr<std::optional<HoldRow>> MemoryErasure::FindHold(
    const HoldId& id) const {
  const auto found = tables_.holds.find(id);
  return found == tables_.holds.end() ? std::nullopt
                                      : std::optional(found->second);
}

absl::StatusOr<std::optional<CertificateRow>> MemoryErasure::FindCertificate(
    const CertificateId& id) const {
  const auto found = tables_.certificates.find(id);
  return found == tables_.certificates.end() ? std::nullopt
                                             : std::optional(found->second);
}

absl::Status MemoryErasure::Rewrap(const AttributeRow& row) {
  bool found = false;
  ForEachRow(tables_, row.owner, [&](AttributeRow& stored) {
    if (stored.id != row.id || stored.name_key != row.name_key ||
        stored.version != row.version) {
      return;
    }
    found = true;
    stored.generation = row.generation;
    stored.label = row.label;
    stored.wrap = row.wrap;
  });
  return found ? absl::OkStatus() : absl::NotFoundError("no such row");
}

absl::StatusOr<bool> MemoryErasure::Replace(const AttributeRow& was,
                                            const AttributeRow& now) {
  bool replaced = false;
  ForEachRow(tables_, was.owner, [&](AttributeRow& stored) {
    if (stored.id != was.id || stored.name_key != was.name_key ||
        stored.version != was.version || stored.state != RowState::kKept ||
        stored.custody != Custody::kAssisted ||
        stored.generation != was.generation || stored.label != was.label ||
        stored.wrap != was.wrap || stored.payload != was.payload) {
      return;
    }
    replaced = true;
    stored.label = now.label;
    stored.wrap = now.wrap;
    stored.payload = now.payload;
  });
  return replaced;
}

absl::Status MemoryErasure::Reseal(const SealedAct& act) {
  for (ActRow& row : tables_.acts) {
    if (row.counter != act.counter) continue;
    row.generation = act.generation;
    row.sealed_disclosure = act.disclosure;
    return absl::OkStatus();
  }
  return absl::NotFoundError("no such row");
}

absl::StatusOr<std::int64_t> MemoryErasure::ForgetPerson(const Owner& owner) {
  std::int64_t kept = 0;
  ForEachRow(tables_, owner, [&](const AttributeRow& row) {
    if (row.state == RowState::kKept) ++kept;
  });
  const auto hers = [&](const auto& one) { return one.first.first == owner; };
  std::erase_if(tables_.attributes, hers);
  std::erase_if(tables_.requests, hers);
  std::erase_if(tables_.recoveries, hers);
  std::erase_if(tables_.source_links, hers);
  std::erase_if(tables_.holds,
                [&](const auto& one) { return one.second.owner == owner; });
  std::erase_if(tables_.certificates,
                [&](const auto& one) { return one.second.owner == owner; });
  for (ActRow& row : tables_.acts) {
    if (row.owner != owner) continue;
    row.owner = Owner();
    row.name_key = NameKey();
    row.version = 0;
    row.generation = 0;
    row.sealed_disclosure.clear();
  }
  return kept;
}

absl::Status MemoryErasure::InsertHold(const HoldRow& row) {
  return tables_.holds.emplace(row.id, row).second
             ? absl::OkStatus()
             : absl::AlreadyExistsError("the hold exists");
}

absl::Status MemoryErasure::LiftHold(const HoldId& id, std::int64_t lifted_ms) {
  const auto found = tables_.holds.find(id);
  if (found == tables_.holds.end() || found->second.lifted_ms != 0) {
    return absl::NotFoundError("no such row");
  }
  found->second.lifted_ms = lifted_ms;
  return absl::OkStatus();
}

absl::Status MemoryErasure::InsertCertificate(const CertificateRow& row) {
  return tables_.certificates.emplace(row.id, row).second
             ? absl::OkStatus()
             : absl::AlreadyExistsError("the certificate exists");
}

}  // namespace limpid::vault
