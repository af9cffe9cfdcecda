#include "clients/cpp/custody_move.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

constexpr std::string_view kFormat = "limpid-custody-move/1";
// 10,000 versions of an attribute at some 20 bytes, and some.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

// Other devices of one person that put at the same moment are few.
constexpr int kListings = 4;

using Versions = std::vector<v1::AttributeVersion>;

bool IsSealed(const v1::AttributeVersion& version) {
  return version.custody() == v1::CUSTODY_SEALED;
}

bool ReadNumber(const json::Value& value, std::uint64_t& out) {
  if (!value.is_integer() || value.integer() < 1) return false;
  out = static_cast<std::uint64_t>(value.integer());
  return true;
}

std::optional<MoveProgress::Pending> ParsePending(const json::Value& value) {
  MoveProgress::Pending out;
  const json::Value* const sealing = value.Find("sealing");
  const json::Value* const newest = value.Find("newest");
  if (sealing == nullptr || newest == nullptr ||
      !ReadNumber(*sealing, out.version) || !ReadNumber(*newest, out.newest)) {
    return std::nullopt;
  }
  const json::Value* const put = value.Find("put");
  if (put == nullptr) return out;
  std::uint64_t millis = 0;
  if (!ReadNumber(*put, millis)) return std::nullopt;
  out.put_ms = static_cast<std::int64_t>(millis);
  return out;
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
  if (value.Find("sealing") == nullptr) return out;
  out.pending = ParsePending(value);
  if (!out.pending) return std::nullopt;
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
    if (progress.pending->put_ms) out.Set("put", *progress.pending->put_ms);
  }
  return out;
}

// The attributes of the file, of this vault.
absl::StatusOr<json::Value> ReadAttributes(const std::filesystem::path& file,
                                           const std::string& source_id) {
  const auto bytes = ReadDeviceFile(file, kMaxFileBytes);
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

// Whether `now` has nothing that is neither in `before` nor a copy, and nothing
// of the copies is missing: all that is kept is in its order.
bool NoOthers(const Versions& now, const Versions& before,
              const MoveProgress& progress) {
  std::set<std::uint64_t> known = progress.stale;
  for (const v1::AttributeVersion& version : before) {
    known.insert(version.version());
  }
  std::set<std::uint64_t> missing;
  for (const auto& [from, to] : progress.copies) missing.insert(to);
  known.insert(missing.begin(), missing.end());
  for (const v1::AttributeVersion& version : now) {
    if (!known.contains(version.version())) return false;
    missing.erase(version.version());
  }
  return missing.empty();
}

// Wipes a value when the scope ends, however it does.
class WipedLater {
 public:
  explicit WipedLater(OpenedValue& value) : value_(value) {}
  ~WipedLater() { base::Wipe(value_.value_json); }
  WipedLater(const WipedLater&) = delete;
  WipedLater& operator=(const WipedLater&) = delete;

 private:
  OpenedValue& value_;
};

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
  return WriteDeviceFile(file_, base::AsBytes(json::Pretty(out)));
}

absl::StatusOr<OpenedValue> CustodyMove::ValueOf(
    std::string_view attribute, const v1::AttributeVersion& of) {
  LIMPID_ASSIGN_OR_RETURN(auto got, values_.Get(attribute, of.version()));
  if (got.version().version() != of.version() ||
      got.has_sealed() != IsSealed(of)) {
    return absl::DataLossError("the vault answered about another version");
  }
  if (got.has_sealed()) return sealed_.Open(attribute, got);
  return OpenedValue{std::move(*got.mutable_value_json()), absl::Time()};
}

absl::StatusOr<Versions> CustodyMove::Kept(std::string_view attribute) {
  LIMPID_ASSIGN_OR_RETURN(Versions kept, values_.History(attribute));
  std::erase_if(kept, [](const auto& one) { return one.has_erase_time(); });
  std::reverse(kept.begin(), kept.end());
  return kept;
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
  LIMPID_ASSIGN_OR_RETURN(OpenedValue wanted, ValueOf(attribute, *original));
  const WipedLater wipe_wanted(wanted);
  for (const v1::AttributeVersion& version : kept) {
    if (version.version() <= pending.newest || !IsSealed(version)) continue;
    LIMPID_ASSIGN_OR_RETURN(OpenedValue value, ValueOf(attribute, version));
    const WipedLater wipe_value(value);
    const bool ours = !pending.put_ms ||
                      absl::ToUnixMillis(value.put_time) == *pending.put_ms;
    if (!ours || value.value_json != wanted.value_json) continue;
    progress.Add(pending.version, version.version());
    break;
  }
  return absl::OkStatus();
}

absl::Status CustodyMove::DropStrangers(std::string_view attribute,
                                        const Versions& kept,
                                        MoveProgress& progress) {
  if (progress.stale.empty()) return absl::OkStatus();
  std::set<std::uint64_t> copies;
  for (const auto& [from, to] : progress.copies) copies.insert(to);
  std::set<base::Digest32> copied;
  std::map<std::uint64_t, base::Digest32> stale;
  for (const v1::AttributeVersion& version : kept) {
    const bool is_copy = copies.contains(version.version());
    if (!IsSealed(version) ||
        (!is_copy && !progress.stale.contains(version.version()))) {
      continue;
    }
    LIMPID_ASSIGN_OR_RETURN(OpenedValue value, ValueOf(attribute, version));
    const WipedLater wipe_value(value);
    const base::Digest32 digest =
        crypto::Sha256(base::AsBytes(value.value_json));
    if (is_copy) copied.insert(digest);
    if (!is_copy) stale.emplace(version.version(), digest);
  }
  std::erase_if(progress.stale, [&](std::uint64_t version) {
    const auto found = stale.find(version);
    return found == stale.end() || !copied.contains(found->second);
  });
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> CustodyMove::SealOne(
    std::string_view attribute, const v1::AttributeVersion& of,
    std::uint64_t newest, MoveProgress& progress) {
  const std::int64_t put_ms = absl::ToUnixMillis(clock_.Now());
  progress.pending = {of.version(), newest, put_ms};
  LIMPID_RETURN_IF_ERROR(notes_.Write(attribute, progress));
  LIMPID_ASSIGN_OR_RETURN(OpenedValue value, ValueOf(attribute, of));
  const WipedLater wipe_value(value);
  LIMPID_ASSIGN_OR_RETURN(
      const auto put,
      sealed_.Put(attribute, value.value_json, absl::FromUnixMillis(put_ms)));
  progress.Add(of.version(), put.version());
  progress.pending.reset();
  LIMPID_RETURN_IF_ERROR(notes_.Write(attribute, progress));
  return put.version();
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

absl::StatusOr<std::uint64_t> CustodyMove::SealUntilStill(
    std::string_view attribute, Versions& kept, MoveProgress& progress) {
  for (int i = 0; i < kListings; ++i) {
    DropErased(kept, progress);
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t newest,
                            SealAll(attribute, kept, progress));
    LIMPID_ASSIGN_OR_RETURN(Versions now, Kept(attribute));
    const bool still = NoOthers(now, kept, progress);
    kept = std::move(now);
    if (still) return newest;
  }
  return absl::AbortedError(
      "another device stores values of this attribute again and again; nothing "
      "was erased");
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
    LIMPID_ASSIGN_OR_RETURN(OpenedValue before, ValueOf(attribute, original));
    const WipedLater wipe_before(before);
    LIMPID_ASSIGN_OR_RETURN(OpenedValue after, ValueOf(attribute, sealed));
    const WipedLater wipe_after(after);
    if (before.value_json != after.value_json) {
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
  if (IsLockHeld(lock.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("another command of this device is sealing: ",
                     lock.status().message()));
  }
  LIMPID_RETURN_IF_ERROR(lock.status());
  // Before anything is sealed: what is there twice could not be erased.
  LIMPID_RETURN_IF_ERROR(erasures_.CheckNoHold());
  LIMPID_ASSIGN_OR_RETURN(MoveProgress progress, notes_.Read(attribute));
  LIMPID_ASSIGN_OR_RETURN(Versions kept, Kept(attribute));
  if (kept.empty()) {
    LIMPID_RETURN_IF_ERROR(notes_.Write(attribute, std::nullopt));
    return Moved();
  }
  DropErased(kept, progress);
  LIMPID_RETURN_IF_ERROR(SettlePending(attribute, kept, progress));
  LIMPID_RETURN_IF_ERROR(DropStrangers(attribute, kept, progress));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t newest,
                          SealUntilStill(attribute, kept, progress));
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
