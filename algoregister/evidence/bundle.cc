#include "algoregister/evidence/bundle.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/evidence/merge.h"
#include "algoregister/evidence/read_json.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::algoregister::evidence {
namespace {

absl::Status In(std::string_view pointer, const absl::Status& status) {
  return {status.code(),
          absl::StrCat(base::ToAbsl(pointer), ": ", status.message())};
}

absl::StatusOr<std::vector<std::string>> ReadCellKey(const Manifest& manifest,
                                                     const json::Value& cell,
                                                     std::string_view pointer) {
  const json::Value* const group = cell.Find("group");
  const std::string below = Below(pointer, "group");
  if (!group->is_object() || group->size() != manifest.group_columns.size()) {
    return Fault(below, "must have the columns of groups and no others");
  }
  std::vector<std::string> out;
  for (const std::string& column : manifest.group_columns) {
    LIMPID_ASSIGN_OR_RETURN(std::string value,
                            ReadText(*group, below, column, kMaxNameBytes));
    out.push_back(std::move(value));
  }
  return out;
}

absl::StatusOr<Counts> ReadCounts(const json::Value& cell,
                                  std::string_view pointer) {
  Counts out;
  for (const auto& [key, target] :
       {std::pair("tp", &out.tp), std::pair("fp", &out.fp),
        std::pair("fn", &out.fn), std::pair("tn", &out.tn)}) {
    LIMPID_ASSIGN_OR_RETURN(*target,
                            ReadInteger(cell, pointer, key, 0, kMaxCases));
  }
  if (cell.Find("overridden") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(
        out.overridden, ReadInteger(cell, pointer, "overridden", 0, out.n()));
  }
  return out;
}

bool IsMerged(const std::vector<std::string>& key) {
  return std::all_of(key.begin(), key.end(), [](const std::string& value) {
    return value == kOtherGroup;
  });
}

absl::StatusOr<Cells> ReadTable(const Manifest& manifest,
                                const json::Value& table) {
  if (!table.is_array()) return Fault("/table", "must be a list");
  Cells out;
  std::size_t index = 0;
  for (const json::Value& cell : table.elements()) {
    const std::string pointer = absl::StrCat("/table/", index++);
    LIMPID_RETURN_IF_ERROR(CheckMembers(
        cell, pointer, {"fn", "fp", "group", "tn", "tp"}, {"overridden"}));
    LIMPID_ASSIGN_OR_RETURN(std::vector<std::string> key,
                            ReadCellKey(manifest, cell, pointer));
    LIMPID_ASSIGN_OR_RETURN(const Counts counts, ReadCounts(cell, pointer));
    if (IsSmall(counts, manifest.settings.k) && !IsMerged(key)) {
      return Fault(pointer, "has a count below k: merge small groups first");
    }
    if (!out.emplace(std::move(key), counts).second) {
      return Fault(pointer, "a cell comes twice");
    }
  }
  return out;
}

absl::Status CheckSealed(const json::Value& sealed) {
  LIMPID_RETURN_IF_ERROR(
      CheckMembers(sealed, "/sealed", {"bytes", "sha256"}, {}));
  LIMPID_RETURN_IF_ERROR(
      ReadInteger(sealed, "/sealed", "bytes", 1, json::kMaxInteger).status());
  LIMPID_ASSIGN_OR_RETURN(const std::string digest,
                          ReadText(sealed, "/sealed", "sha256", kMaxNameBytes));
  const auto read = ReadDigestText(digest);
  return read.ok() ? absl::OkStatus() : In("/sealed/sha256", read.status());
}

absl::Status ReadContent(const json::Value& file, Bundle& out) {
  if (const json::Value* const rows = file.Find("rows")) {
    out.disclosure = Disclosure::kRows;
    if (!rows->is_string()) return Fault("/rows", "must be a text");
    auto counted = CountRows(out.manifest, rows->string());
    if (!counted.ok()) return In("/rows", counted.status());
    out.evidence = *std::move(counted);
    return absl::OkStatus();
  }
  if (const json::Value* const table = file.Find("table")) {
    out.disclosure = Disclosure::kTable;
    LIMPID_ASSIGN_OR_RETURN(const Cells cells, ReadTable(out.manifest, *table));
    auto grouped = GroupCells(out.manifest, cells);
    if (!grouped.ok()) return In("/table", grouped.status());
    out.evidence = *std::move(grouped);
    return absl::OkStatus();
  }
  out.disclosure = Disclosure::kSealed;
  out.evidence.settings = out.manifest.settings;
  return CheckSealed(*file.Find("sealed"));
}

// The bytes as a bundle's JSON: canonical, of this format, with one content.
absl::StatusOr<json::Value> ReadFile(std::string_view bytes) {
  if (bytes.size() > kMaxBundleBytes) {
    return absl::ResourceExhaustedError(
        "<file>: a bundle has at most 4,194,304 bytes");
  }
  auto file = json::ParseStrict(bytes, {.max_bytes = kMaxBundleBytes});
  if (!file.ok()) return In("<file>", file.status());
  LIMPID_RETURN_IF_ERROR(CheckMembers(*file, "",
                                      {"claims", "format", "manifest"},
                                      {"rows", "sealed", "table"}));
  if (*file->Find("format") != json::Value(kBundleFormat)) {
    return Fault("/format", "unknown format");
  }
  if (json::Canonical(*file) != bytes) {
    return Fault("", "not in canonical form (RFC 8785)");
  }
  constexpr std::size_t kMembers = 4;
  if (file->size() != kMembers) {
    return Fault("", "must have one of rows, table and sealed");
  }
  return file;
}

json::Value CellJson(const Manifest& manifest, const Counts& counts,
                     const std::vector<std::string>& key) {
  json::Value columns = json::Value::Object();
  for (std::size_t at = 0; at < key.size(); ++at) {
    columns.Set(manifest.group_columns[at], key[at]);
  }
  json::Value cell = json::Value::Object();
  cell.Set("group", std::move(columns));
  cell.Set("tp", counts.tp);
  cell.Set("fp", counts.fp);
  cell.Set("fn", counts.fn);
  cell.Set("tn", counts.tn);
  if (counts.overridden) cell.Set("overridden", *counts.overridden);
  return cell;
}

// A reference group that was merged away is none any more.
json::Value WithoutLostReferences(json::Value manifest,
                                  const json::Value& table) {
  const json::Value* const reference = manifest.Find("reference");
  if (reference == nullptr) return manifest;
  json::Value kept = json::Value::Object();
  for (const json::Member& member : reference->members()) {
    const auto cells = table.elements();
    const bool there =
        std::any_of(cells.begin(), cells.end(), [&](const json::Value& cell) {
          return *cell.Find("group")->Find(member.key) == member.value;
        });
    if (there) kept.Set(member.key, member.value);
  }
  manifest.Set("reference", std::move(kept));
  return manifest;
}

}  // namespace

std::string_view DisclosureName(Disclosure disclosure) {
  switch (disclosure) {
    case Disclosure::kRows:
      return "rows";
    case Disclosure::kTable:
      return "table";
    case Disclosure::kSealed:
      return "sealed";
  }
  return "";
}

absl::StatusOr<Bundle> ParseBundle(std::string_view bytes) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value file, ReadFile(bytes));
  Bundle out;
  LIMPID_ASSIGN_OR_RETURN(out.manifest, ReadManifest(*file.Find("manifest")));
  LIMPID_ASSIGN_OR_RETURN(out.claims,
                          ReadClaims(*file.Find("claims"), "/claims"));
  LIMPID_RETURN_IF_ERROR(ReadContent(file, out));
  return out;
}

std::vector<CheckedClaim> CheckBundle(const Bundle& bundle) {
  if (bundle.disclosure == Disclosure::kSealed) {
    return Uncheckable(bundle.claims, "the evidence is sealed");
  }
  return CheckClaims(bundle.evidence, bundle.claims);
}

absl::StatusOr<std::string> TableOfRows(std::string_view bytes) {
  LIMPID_ASSIGN_OR_RETURN(json::Value file, ReadFile(bytes));
  LIMPID_ASSIGN_OR_RETURN(const Manifest manifest,
                          ReadManifest(*file.Find("manifest")));
  const json::Value* const rows = file.Find("rows");
  if (rows == nullptr || !rows->is_string()) {
    return Fault("/rows", "missing: only rows can be counted");
  }
  auto cells = CountCells(manifest, rows->string());
  if (!cells.ok()) return In("/rows", cells.status());
  // As one grouping of all columns, so that no cell of the table is small. The
  // names only keep the cells apart.
  Grouping grouping;
  std::map<std::string, std::vector<std::string>> keys;
  for (const auto& [key, counts] : *cells) {
    json::Value name = json::Value::Array();
    for (const std::string& value : key) name.Append(value);
    const std::string text = json::Canonical(name);
    keys[text] = key;
    grouping.groups.push_back({text, counts});
  }
  const std::vector<std::string> merged_key(manifest.group_columns.size(),
                                            std::string(kOtherGroup));
  const Merged merged = MergeSmall(grouping, manifest.settings.k);
  if (merged.withheld) {
    return absl::FailedPreconditionError(
        "even all groups together have a count below k");
  }
  json::Value table = json::Value::Array();
  for (const Group& group : merged.grouping.groups) {
    const auto key = keys.find(group.name);
    table.Append(CellJson(manifest, group.counts,
                          key == keys.end() ? merged_key : key->second));
  }
  file.Set("manifest", WithoutLostReferences(*file.Find("manifest"), table));
  file.Remove("rows");
  file.Set("table", std::move(table));
  return json::Canonical(file);
}

}  // namespace limpid::algoregister::evidence
