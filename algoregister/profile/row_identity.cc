#include "algoregister/profile/row_identity.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/reader.h"
#include "algoregister/profile/row.h"
#include "algoregister/profile/row_languages.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/version.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;

bool IsRejecting(const Finding& finding) { return !finding.repaired; }

bool IsTitle(const Profile& profile, const RowReading& reading,
             const Value& content) {
  const std::string_view naming = NamingField(profile.kind).name;
  const Value row = Value::Object({{"fields", reading.fields}});
  const std::string title = TextOf(row, naming, reading.language);
  return !title.empty() && title == TextOf(content, naming, reading.language);
}

std::size_t CountSame(const RowReading& reading, const Value& content) {
  const Value* const fields = content.Find("fields");
  if (fields == nullptr) return 0;
  const auto& members = reading.fields.members();
  return static_cast<std::size_t>(std::count_if(
      members.begin(), members.end(), [fields](const json::Member& member) {
        const Value* const other = fields->Find(member.key);
        return other != nullptr && *other == member.value;
      }));
}

std::string IdColumn(const Profile& profile) {
  for (const Column& column : profile.columns) {
    if (column.type == ColumnType::kForeignId) {
      return std::string(column.foreign);
    }
  }
  return {};
}

}  // namespace

RowIdentities::RowIdentities(const Profile& profile,
                             const RegistrationStore& store)
    : profile_(profile),
      store_(store),
      natural_scheme_(NaturalScheme(profile)) {}

absl::Status RowIdentities::LookOver(const FileText& file) {
  // Elsewhere an id names one row or rejects it.
  if (!profile_.ids_may_be_blank || !HasForeignIds(profile_)) {
    return absl::OkStatus();
  }
  std::map<std::string, std::size_t> counts;
  LIMPID_RETURN_IF_ERROR(ForEachRow(profile_, file, [&](const FileRow& row) {
                           if (!row.value.ok()) {
                             return absl::OkStatus();
                           }
                           std::string id = ForeignIdOf(profile_, *row.value);
                           if (!id.empty()) ++counts[std::move(id)];
                           return absl::OkStatus();
                         }).status());
  std::erase_if(counts, [](const auto& entry) { return entry.second < 2; });
  return counts.empty() ? absl::OkStatus() : ReadClaims(file, counts);
}

absl::Status RowIdentities::ReadClaims(
    const FileText& file, const std::map<std::string, std::size_t>& counts) {
  std::map<std::string, std::optional<Value>> holders;
  std::map<std::string, std::vector<Claim>> claims;
  const auto read = [&](const FileRow& row) -> absl::Status {
    if (!row.value.ok()) return absl::OkStatus();
    const std::string id = ForeignIdOf(profile_, *row.value);
    if (!counts.contains(id)) return absl::OkStatus();
    RowReading reading = ReadRow(profile_, *row.value);
    const bool rejected = std::any_of(reading.findings.begin(),
                                      reading.findings.end(), IsRejecting);
    if (rejected) return absl::OkStatus();
    const auto [holder, is_new] = holders.try_emplace(id);
    if (is_new) {
      LIMPID_ASSIGN_OR_RETURN(holder->second, HolderOf(id));
    }
    LIMPID_ASSIGN_OR_RETURN(
        Claim claim, ClaimOf(row.index, std::move(reading), holder->second));
    claims[id].push_back(std::move(claim));
    return absl::OkStatus();
  };
  LIMPID_RETURN_IF_ERROR(ForEachRow(profile_, file, read).status());
  for (auto& [id, all] : claims) {
    if (all.size() < 2) continue;
    Settle(id, std::move(all), holders[id].has_value());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Value>> RowIdentities::HolderOf(
    const std::string& id) const {
  LIMPID_ASSIGN_OR_RETURN(const auto holder,
                          store_.FindAlias({std::string(profile_.name), id}));
  if (!holder) return std::optional<Value>();
  auto version = store_.Get(*holder, 0);
  // Added, and not in the log yet.
  if (absl::IsNotFound(version.status())) return std::optional<Value>();
  if (!version.ok()) return version.status();
  return std::optional(ContentOf(*version));
}

absl::StatusOr<bool> RowIdentities::IsOtherwiseKnown(
    const RowReading& reading) const {
  if (reading.natural_id.empty()) return false;
  LIMPID_ASSIGN_OR_RETURN(
      const auto by_key,
      store_.FindAlias({natural_scheme_, reading.natural_id}));
  if (!by_key) return false;
  LIMPID_ASSIGN_OR_RETURN(
      const auto by_id,
      store_.FindAlias({std::string(profile_.name), reading.foreign_id}));
  return by_id != by_key;
}

absl::StatusOr<RowIdentities::Claim> RowIdentities::ClaimOf(
    std::size_t index, RowReading reading,
    const std::optional<Value>& holder) const {
  Claim out;
  out.index = index;
  out.language = std::string(reading.language);
  out.natural_id = reading.natural_id;
  LIMPID_ASSIGN_OR_RETURN(out.is_known_otherwise, IsOtherwiseKnown(reading));
  if (holder) {
    out.has_title = IsTitle(profile_, reading, *holder);
    out.same_fields = CountSame(reading, *holder);
  }
  // A file may have one id in every row: only translations are read again.
  if (HasRowLanguages(profile_)) out.reading = std::move(reading);
  return out;
}

bool RowIdentities::AreTranslations(const std::vector<Claim>& claims) const {
  if (!HasRowLanguages(profile_)) return false;
  std::set<std::string_view> languages;
  for (const Claim& claim : claims) languages.insert(claim.language);
  return languages.size() == claims.size();
}

// A key that names several rows is one row's at most. Of these, the row that
// the registration with the id says most of is a candidate for the id.
void RowIdentities::FreeOneOfEachKey(std::vector<Claim>& claims, bool is_held) {
  std::map<std::string_view, std::vector<Claim*>> by_key;
  for (Claim& claim : claims) {
    if (claim.is_known_otherwise) by_key[claim.natural_id].push_back(&claim);
  }
  for (auto& [key, same] : by_key) {
    if (same.size() < 2) continue;
    Claim* best = nullptr;
    for (Claim* const claim : same) {
      if (is_held && !claim->has_title) continue;
      if (best == nullptr || claim->same_fields > best->same_fields) {
        best = claim;
      }
    }
    if (best != nullptr) best->is_known_otherwise = false;
  }
}

void RowIdentities::Settle(const std::string& id, std::vector<Claim> claims,
                           bool is_held) {
  if (AreTranslations(claims)) {
    owners_[id] = claims.front().index;
    KeepTranslations(std::move(claims));
    return;
  }
  FreeOneOfEachKey(claims, is_held);
  std::erase_if(claims,
                [](const Claim& claim) { return claim.is_known_otherwise; });
  std::optional<std::size_t>& owner = owners_[id];
  if (claims.empty()) return;
  // A new id is the first one's, and one row that is left over is the one that
  // changed.
  if (!is_held || claims.size() == 1) {
    owner = claims.front().index;
    return;
  }
  // Of several none of which says the title there is no telling: better two
  // new registrations than one use case in place of another.
  const Claim* best = nullptr;
  for (const Claim& claim : claims) {
    if (!claim.has_title) continue;
    if (best == nullptr || claim.same_fields > best->same_fields) best = &claim;
  }
  if (best != nullptr) owner = best->index;
}

void RowIdentities::KeepTranslations(std::vector<Claim> claims) {
  const std::size_t first = claims.front().index;
  for (std::size_t i = 1; i < claims.size(); ++i) {
    translation_of_[claims[i].index] = first;
  }
  const auto main =
      std::find_if(claims.begin(), claims.end(), [this](const Claim& claim) {
        return claim.language == profile_.language;
      });
  if (main != claims.end()) std::rotate(claims.begin(), main, main + 1);
  translations_[first] = std::move(claims);
}

std::optional<std::size_t> RowIdentities::TranslationOf(
    std::size_t index) const {
  const auto found = translation_of_.find(index);
  if (found == translation_of_.end()) return std::nullopt;
  return found->second;
}

void RowIdentities::AddTranslations(std::size_t index, RowReading& reading) {
  const auto found = translations_.find(index);
  if (found == translations_.end()) return;
  std::vector<Claim>& claims = found->second;
  reading = std::move(claims.front().reading);
  reading.findings = {};
  for (std::size_t i = 1; i < claims.size(); ++i) {
    findings_[claims[i].index] =
        AddTranslation(profile_, reading, claims[i].reading);
  }
  translations_.erase(found);
}

std::vector<Finding> RowIdentities::TakeFindings(std::size_t index) {
  const auto found = findings_.find(index);
  if (found == findings_.end()) return {};
  std::vector<Finding> out = std::move(found->second);
  findings_.erase(found);
  return out;
}

absl::StatusOr<bool> RowIdentities::GoesById(const RowReading& reading,
                                             std::size_t index) const {
  const auto contested = owners_.find(reading.foreign_id);
  if (contested != owners_.end()) return contested->second == index;
  // The row that had the id may be gone, and this one be known by its key.
  LIMPID_ASSIGN_OR_RETURN(const bool otherwise, IsOtherwiseKnown(reading));
  if (!otherwise) return true;
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Value> holder,
                          HolderOf(reading.foreign_id));
  return !holder || IsTitle(profile_, reading, *holder);
}

std::optional<Alias> RowIdentities::Once(Alias alias, std::size_t line,
                                         std::string_view what,
                                         std::vector<Finding>& findings) {
  const auto [first, is_first] = lines_.try_emplace(alias, line);
  if (is_first) return alias;
  findings.push_back({.field = "",
                      .repaired = false,
                      .message = absl::StrCat(ToAbsl(what), " on line ",
                                              first->second, " already")});
  return std::nullopt;
}

absl::StatusOr<std::optional<Alias>> RowIdentities::Of(
    const RowReading& reading, std::size_t index, std::size_t line,
    std::vector<Finding>& findings) {
  const bool blank = reading.foreign_id.empty();
  if (!blank) {
    LIMPID_ASSIGN_OR_RETURN(const bool by_id, GoesById(reading, index));
    if (by_id || !profile_.ids_may_be_blank) {
      return Once({std::string(profile_.name), reading.foreign_id}, line,
                  "the same id stands", findings);
    }
  }
  if (reading.natural_id.empty()) {
    findings.push_back({.field = "",
                        .repaired = false,
                        .message = "has neither an id nor what else names it"});
    return std::optional<Alias>();
  }
  auto alias = Once({natural_scheme_, reading.natural_id}, line,
                    "the same organisation and title stand", findings);
  if (alias && HasForeignIds(profile_)) {
    findings.push_back(
        {.field = IdColumn(profile_),
         .repaired = true,
         .message = blank ? "no id; known by what else names it"
                          : "the id is another row's; known by what else names "
                            "it"});
  }
  return alias;
}

}  // namespace limpid::algoregister
