#include "clients/cpp/custody_move.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

constexpr std::string_view kFormat = "limpid-custody-move/1";
// 10,000 versions of an attribute at some 20 bytes, and some.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr mode_t kOwnerOnly = 0600;

using Versions = std::vector<v1::AttributeVersion>;

bool IsSealed(const v1::AttributeVersion& version) {
  return version.custody() == v1::CUSTODY_SEALED;
}

bool ReadNumber(const json::Value& value, std::uint64_t& out) {
  if (!value.is_integer() || value.integer() < 1) return false;
  out = static_cast<std::uint64_t>(value.integer());
  return true;
}

std::optional<MoveProgress> ParseProgress(const json::Value& value) {
  MoveProgress out;
  const json::Value* const copies = value.Find("copies");
  if (copies == nullptr || !copies->is_object()) return std::nullopt;
  for (const json::Member& copy : copies->members()) {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    if (!absl::SimpleAtoi(copy.key, &from) || !ReadNumber(copy.value, to)) {
      return std::nullopt;
    }
    out.copies[from] = to;
  }
  const json::Value* const stale = value.Find("stale");
  if (stale != nullptr && !stale->is_array()) return std::nullopt;
  for (std::size_t i = 0; stale != nullptr && i < stale->size(); ++i) {
    std::uint64_t copy = 0;
    if (!ReadNumber(stale->elements()[i], copy)) return std::nullopt;
    out.stale.insert(copy);
  }
  const json::Value* const sealing = value.Find("sealing");
  const json::Value* const newest = value.Find("newest");
  if (sealing == nullptr) return out;
  MoveProgress::Pending pending;
  if (newest == nullptr || !ReadNumber(*sealing, pending.version) ||
      !ReadNumber(*newest, pending.newest)) {
    return std::nullopt;
  }
  out.pending = pending;
  return out;
}

json::Value ToJson(const MoveProgress& progress) {
  json::Value copies = json::Value::Object();
  for (const auto& [from, to] : progress.copies) {
    copies.Set(absl::StrCat(from), static_cast<std::int64_t>(to));
  }
  json::Value out = json::Value::Object();
  out.Set("copies", std::move(copies));
  json::Value stale = json::Value::Array();
  for (const std::uint64_t copy : progress.stale) {
    stale.Append(static_cast<std::int64_t>(copy));
  }
  if (stale.size() > 0) out.Set("stale", std::move(stale));
  if (progress.pending) {
    out.Set("sealing", static_cast<std::int64_t>(progress.pending->version));
    out.Set("newest", static_cast<std::int64_t>(progress.pending->newest));
  }
  return out;
}

// The attributes of the file, of this vault.
absl::StatusOr<json::Value> ReadAttributes(const std::filesystem::path& file,
                                           const std::string& source_id) {
  const auto bytes = base::ReadFileBytes(file, kMaxFileBytes);
  if (absl::IsNotFound(bytes.status())) return json::Value::Object();
  LIMPID_RETURN_IF_ERROR(bytes.status());
  const auto value = json::ParseStrict(base::AsText(*bytes));
  const auto attributes =
      value.ok() ? value->GetObject("attributes") : value.status();
  if (!attributes.ok() || value->GetString("format").value_or("") != kFormat) {
    return BrokenFile(file, "does not say how far sealing has come");
  }
  if (value->GetString("source").value_or("") != source_id) {
    return json::Value::Object();
  }
  return *attributes;
}

// What is to be brought behind one another: the kept versions from the first
// one of the server's on, without the copies.
Versions Originals(const Versions& kept, const MoveProgress& progress) {
  std::set<std::uint64_t> copies = progress.stale;
  for (const auto& [from, to] : progress.copies) copies.insert(to);
  Versions out;
  for (const v1::AttributeVersion& version : kept) {
    if (copies.contains(version.version())) continue;
    if (out.empty() && IsSealed(version)) continue;
    out.push_back(version);
  }
  return out;
}

// A copy that she erased since is none: what it was of is sealed again.
void DropErased(const Versions& kept, MoveProgress& progress) {
  std::set<std::uint64_t> there;
  for (const v1::AttributeVersion& version : kept) {
    there.insert(version.version());
  }
  std::erase_if(progress.copies,
                [&](const auto& copy) { return !there.contains(copy.second); });
}

}  // namespace

void MoveProgress::Add(std::uint64_t version, std::uint64_t copy) {
  const auto [at, added] = copies.try_emplace(version, copy);
  if (added) return;
  stale.insert(at->second);
  at->second = copy;
}

absl::StatusOr<MoveProgress> MoveNotes::Read(std::string_view attribute) const {
  LIMPID_ASSIGN_OR_RETURN(const json::Value attributes,
                          ReadAttributes(file_, source_id_));
  const json::Value* const found = attributes.Find(attribute);
  if (found == nullptr) return MoveProgress();
  auto progress = ParseProgress(*found);
  if (progress) return *std::move(progress);
  return BrokenFile(file_, "does not say how far sealing has come");
}

absl::Status MoveNotes::Write(
    std::string_view attribute,
    const std::optional<MoveProgress>& progress) const {
  LIMPID_ASSIGN_OR_RETURN(const json::Value before,
                          ReadAttributes(file_, source_id_));
  json::Value attributes = json::Value::Object();
  for (const json::Member& other : before.members()) {
    if (other.key != attribute) attributes.Set(other.key, other.value);
  }
  if (progress) attributes.Set(std::string(attribute), ToJson(*progress));
  if (attributes.size() == 0) return RemoveFile(file_);
  json::Value out = json::Value::Object();
  out.Set("format", std::string(kFormat));
  out.Set("source", source_id_);
  out.Set("attributes", std::move(attributes));
  return base::WriteFileAtomically(file_, base::AsBytes(json::Pretty(out)),
                                   kOwnerOnly);
}

absl::StatusOr<std::string> CustodyMove::ValueOf(
    std::string_view attribute, const v1::AttributeVersion& of) {
  LIMPID_ASSIGN_OR_RETURN(auto got, values_.Get(attribute, of.version()));
  if (got.version().version() != of.version() ||
      got.has_sealed() != IsSealed(of)) {
    return absl::DataLossError("the vault answered about another version");
  }
  if (!got.has_sealed()) return std::move(*got.mutable_value_json());
  LIMPID_ASSIGN_OR_RETURN(auto opened, sealed_.Open(attribute, got));
  return std::move(opened.value_json);
}

absl::Status CustodyMove::SettlePending(std::string_view attribute,
                                        const Versions& kept,
                                        MoveProgress& progress) {
  if (!progress.pending) return absl::OkStatus();
  const MoveProgress::Pending pending = *progress.pending;
  progress.pending.reset();
  const auto original =
      std::find_if(kept.begin(), kept.end(), [&](const auto& version) {
        return version.version() == pending.version;
      });
  // Erased since by her: its copy, if it came, counts as what she put.
  if (original == kept.end()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(std::string wanted, ValueOf(attribute, *original));
  for (const v1::AttributeVersion& version : kept) {
    if (version.version() <= pending.newest || !IsSealed(version)) continue;
    LIMPID_ASSIGN_OR_RETURN(std::string value, ValueOf(attribute, version));
    const bool same = value == wanted;
    base::Wipe(value);
    if (!same) continue;
    progress.Add(pending.version, version.version());
    break;
  }
  base::Wipe(wanted);
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> CustodyMove::SealOne(
    std::string_view attribute, const v1::AttributeVersion& of,
    std::uint64_t newest, MoveProgress& progress) {
  progress.pending = {of.version(), newest};
  LIMPID_RETURN_IF_ERROR(notes_.Write(attribute, progress));
  LIMPID_ASSIGN_OR_RETURN(std::string value, ValueOf(attribute, of));
  const auto put = sealed_.Put(attribute, value);
  base::Wipe(value);
  LIMPID_RETURN_IF_ERROR(put.status());
  progress.Add(of.version(), put->version());
  progress.pending.reset();
  LIMPID_RETURN_IF_ERROR(notes_.Write(attribute, progress));
  return put->version();
}

absl::StatusOr<std::uint64_t> CustodyMove::SealAll(std::string_view attribute,
                                                   const Versions& kept,
                                                   MoveProgress& progress) {
  std::uint64_t newest = kept.back().version();
  // The place of what was brought into order last.
  std::uint64_t placed = 0;
  for (const v1::AttributeVersion& original : Originals(kept, progress)) {
    const auto copy = progress.copies.find(original.version());
    if (copy != progress.copies.end() && copy->second > placed) {
      placed = copy->second;
      continue;
    }
    if (IsSealed(original) && original.version() > placed) {
      placed = original.version();
      continue;
    }
    LIMPID_ASSIGN_OR_RETURN(placed,
                            SealOne(attribute, original, newest, progress));
    newest = placed;
  }
  return newest;
}

absl::Status CustodyMove::CheckCopies(std::string_view attribute,
                                      const Versions& kept,
                                      const MoveProgress& progress) {
  for (const v1::AttributeVersion& original : kept) {
    const auto copy = progress.copies.find(original.version());
    if (copy == progress.copies.end()) continue;
    v1::AttributeVersion sealed;
    sealed.set_version(copy->second);
    sealed.set_custody(v1::CUSTODY_SEALED);
    LIMPID_ASSIGN_OR_RETURN(std::string before, ValueOf(attribute, original));
    LIMPID_ASSIGN_OR_RETURN(std::string after, ValueOf(attribute, sealed));
    const bool same = before == after;
    base::Wipe(before);
    base::Wipe(after);
    if (!same) {
      return absl::DataLossError(
          "the vault gives back something else than was sealed; nothing was "
          "erased");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CustodyMove::Moved> CustodyMove::Run(
    std::string_view attribute) {
  // Not waited for: it may take minutes.
  const auto lock = LockBeside(notes_.file(), absl::ZeroDuration());
  if (!lock.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("another command of this device is sealing: ",
                     lock.status().message()));
  }
  // Before anything is sealed: what is there twice could not be erased.
  LIMPID_RETURN_IF_ERROR(erasures_.CheckNoHold());
  LIMPID_ASSIGN_OR_RETURN(MoveProgress progress, notes_.Read(attribute));
  LIMPID_ASSIGN_OR_RETURN(Versions kept, values_.History(attribute));
  std::erase_if(kept, [](const auto& one) { return one.has_erase_time(); });
  std::reverse(kept.begin(), kept.end());
  if (kept.empty()) {
    LIMPID_RETURN_IF_ERROR(notes_.Write(attribute, std::nullopt));
    return Moved();
  }
  DropErased(kept, progress);
  LIMPID_RETURN_IF_ERROR(SettlePending(attribute, kept, progress));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t newest,
                          SealAll(attribute, kept, progress));
  LIMPID_RETURN_IF_ERROR(CheckCopies(attribute, kept, progress));
  for (const v1::AttributeVersion& original : kept) {
    if (!progress.copies.contains(original.version()) &&
        !progress.stale.contains(original.version())) {
      continue;
    }
    LIMPID_RETURN_IF_ERROR(
        values_.Erase(attribute, original.version()).status());
  }
  LIMPID_RETURN_IF_ERROR(notes_.Write(attribute, std::nullopt));
  if (progress.copies.empty()) return Moved();
  return Moved{progress.copies.size(), newest};
}

}  // namespace limpid::client
