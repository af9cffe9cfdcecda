#include "clients/cpp/grant_book.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKept = ".json";
constexpr std::string_view kSent = ".sent";
// Of the lock beside all of them; no record's id.
constexpr std::string_view kBook = "book";
// Of kMaxSent statements of at most 64 KiB, with as many quotes escaped.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

using Signed = receipt::SignedStatement;

absl::StatusOr<fs::path> FileOf(const fs::path& directory,
                                std::string_view record_id,
                                std::string_view ending) {
  // The id becomes a file's name: nothing but an id may.
  LIMPID_RETURN_IF_ERROR(base::ParseIdText("rec", record_id).status());
  return directory / (std::string(record_id) + std::string(ending));
}

absl::Status NotReadable(const fs::path& directory) {
  return AboutOwnFile(absl::UnavailableError(
      absl::StrCat(directory.string(), " cannot be read")));
}

absl::StatusOr<base::FileLock> LockBook(const fs::path& directory) {
  LIMPID_RETURN_IF_ERROR(MakeDirectories(directory));
  return LockBeside(directory / kBook);
}

// `value` as a grant of `record`.
std::optional<Signed> ParseSigned(const json::Value& value,
                                  const std::string& record) {
  Signed out;
  out.canonical_json = value.GetString("statement").value_or("");
  const auto signature =
      base::Base64UrlDecode(value.GetString("signature").value_or(""));
  if (!signature.ok() || signature->size() != out.signature.size()) {
    return std::nullopt;
  }
  std::copy(signature->begin(), signature->end(), out.signature.begin());
  const auto statement = receipt::Statement::Parse(out.canonical_json);
  // Under another name it would stand for another record.
  if (!statement.ok() || statement->record != record) return std::nullopt;
  return out;
}

// All of a file, the newest first; at least one.
absl::StatusOr<std::vector<Signed>> ReadFile(const fs::path& file) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          ReadDeviceFile(file, kMaxFileBytes));
  const absl::Status broken =
      BrokenFile(file, "is not a grant that you signed");
  const auto value = json::ParseStrict(base::AsText(bytes));
  if (!value.ok()) return broken;
  std::vector<Signed> out;
  const auto add = [&](const json::Value& one) {
    auto parsed = ParseSigned(one, file.stem().string());
    if (!parsed) return false;
    out.push_back(*std::move(parsed));
    return true;
  };
  if (!add(*value)) return broken;
  const json::Value* const earlier = value->Find("earlier");
  if (earlier == nullptr) return out;
  if (!earlier->is_array()) return broken;
  for (const json::Value& one : earlier->elements()) {
    if (!add(one)) return broken;
  }
  return out;
}

// The same, of a file that need not be there.
absl::StatusOr<std::vector<Signed>> ReadIfAny(const fs::path& file) {
  auto out = ReadFile(file);
  if (absl::IsNotFound(out.status())) return std::vector<Signed>();
  return out;
}

absl::StatusOr<std::vector<receipt::Statement>> Read(
    const fs::path& file, const crypto::Ed25519PublicKey& person) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Signed> kept, ReadFile(file));
  std::vector<receipt::Statement> out;
  for (const Signed& one : kept) {
    if (!receipt::StatementIsSigned(one, person)) {
      return BrokenFile(file, "is not a grant that you signed");
    }
    LIMPID_ASSIGN_OR_RETURN(out.emplace_back(),
                            receipt::Statement::Parse(one.canonical_json));
  }
  return out;
}

json::Value ToJson(const Signed& statement) {
  json::Value out = json::Value::Object();
  out.Set("statement", statement.canonical_json);
  out.Set("signature", base::Base64UrlEncode(statement.signature));
  return out;
}

// `statements` are not none.
absl::Status Write(const fs::path& file,
                   const std::vector<Signed>& statements) {
  json::Value out = ToJson(statements.front());
  json::Value earlier = json::Value::Array();
  for (std::size_t i = 1; i < statements.size(); ++i) {
    earlier.Append(ToJson(statements[i]));
  }
  if (earlier.size() > 0) out.Set("earlier", std::move(earlier));
  return WriteDeviceFile(file, base::AsBytes(json::Pretty(out)));
}

// The files with one of `endings`; none where there is no directory.
absl::StatusOr<std::vector<fs::path>> Files(
    const fs::path& directory,
    std::initializer_list<std::string_view> endings) {
  std::vector<fs::path> out;
  std::error_code failed;
  fs::directory_iterator at(directory, failed);
  if (failed == std::errc::no_such_file_or_directory) return out;
  if (failed) return NotReadable(directory);
  while (at != fs::directory_iterator()) {
    const std::string ending = at->path().extension().string();
    if (std::find(endings.begin(), endings.end(), ending) != endings.end()) {
      out.push_back(at->path());
    }
    at.increment(failed);
    if (failed) return NotReadable(directory);
  }
  std::sort(out.begin(), out.end());
  return out;
}

absl::StatusOr<std::vector<receipt::Statement>> ReadAll(
    const fs::path& directory, std::string_view ending,
    const crypto::Ed25519PublicKey& person) {
  LIMPID_ASSIGN_OR_RETURN(const auto files, Files(directory, {ending}));
  std::vector<receipt::Statement> out;
  for (const fs::path& file : files) {
    auto statements = Read(file, person);
    // Dropped by another process since.
    if (absl::IsNotFound(statements.status())) continue;
    LIMPID_RETURN_IF_ERROR(statements.status());
    std::move(statements->begin(), statements->end(), std::back_inserter(out));
  }
  return out;
}

// Whether `file` keeps what was signed after `statement`.
absl::StatusOr<bool> HasLater(const fs::path& file,
                              const receipt::Statement& statement) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Signed> kept, ReadIfAny(file));
  if (kept.empty()) return false;
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::Statement earlier,
      receipt::Statement::Parse(kept.front().canonical_json));
  return earlier.time > statement.time;
}

bool Same(const Signed& one, const Signed& other) {
  return one.canonical_json == other.canonical_json;
}

}  // namespace

absl::Status GrantBook::NoteSent(const Signed& statement) const {
  LIMPID_ASSIGN_OR_RETURN(const receipt::Statement parsed,
                          receipt::Statement::Parse(statement.canonical_json));
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, parsed.record, kSent));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  LIMPID_ASSIGN_OR_RETURN(std::vector<Signed> noted, ReadIfAny(file));
  std::erase_if(noted, [&](const Signed& one) { return Same(one, statement); });
  noted.insert(noted.begin(), statement);
  if (noted.size() > kMaxSent) noted.resize(kMaxSent);
  return Write(file, noted);
}

absl::Status GrantBook::DropRefused(const Signed& statement) const {
  LIMPID_ASSIGN_OR_RETURN(const receipt::Statement parsed,
                          receipt::Statement::Parse(statement.canonical_json));
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, parsed.record, kSent));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  LIMPID_ASSIGN_OR_RETURN(std::vector<Signed> noted, ReadIfAny(file));
  std::erase_if(noted, [&](const Signed& one) { return Same(one, statement); });
  return noted.empty() ? RemoveFile(file) : Write(file, noted);
}

absl::Status GrantBook::DropSent(std::string_view record_id) const {
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, record_id, kSent));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  return RemoveFile(file);
}

absl::Status GrantBook::Keep(const Signed& statement) const {
  LIMPID_ASSIGN_OR_RETURN(const receipt::Statement parsed,
                          receipt::Statement::Parse(statement.canonical_json));
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, parsed.record, kKept));
  LIMPID_ASSIGN_OR_RETURN(const fs::path sent,
                          FileOf(directory_, parsed.record, kSent));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  LIMPID_ASSIGN_OR_RETURN(const bool later, HasLater(file, parsed));
  if (!later) LIMPID_RETURN_IF_ERROR(Write(file, {statement}));
  return RemoveFile(sent);
}

absl::Status GrantBook::KeepSent(std::string_view record_id,
                                 absl::Time from) const {
  LIMPID_ASSIGN_OR_RETURN(const fs::path sent,
                          FileOf(directory_, record_id, kSent));
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Signed> noted, ReadIfAny(sent));
  if (noted.empty()) return absl::OkStatus();
  const auto granted =
      std::find_if(noted.begin(), noted.end(), [&](const Signed& one) {
        const auto parsed = receipt::Statement::Parse(one.canonical_json);
        return parsed.ok() && parsed->from == from;
      });
  return Keep(granted == noted.end() ? noted.front() : *granted);
}

absl::StatusOr<std::vector<receipt::Statement>> GrantBook::All(
    const crypto::Ed25519PublicKey& person) const {
  return ReadAll(directory_, kKept, person);
}

absl::StatusOr<std::vector<receipt::Statement>> GrantBook::Sent(
    const crypto::Ed25519PublicKey& person) const {
  return ReadAll(directory_, kSent, person);
}

absl::StatusOr<std::vector<Signed>> GrantBook::SentOf(
    std::string_view record_id, const crypto::Ed25519PublicKey& person) const {
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, record_id, kSent));
  LIMPID_ASSIGN_OR_RETURN(std::vector<Signed> noted, ReadIfAny(file));
  for (const Signed& one : noted) {
    if (!receipt::StatementIsSigned(one, person)) {
      return BrokenFile(file, "is not a grant that you signed");
    }
  }
  return noted;
}

absl::Status GrantBook::Drop(std::string_view record_id) const {
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, record_id, kKept));
  LIMPID_ASSIGN_OR_RETURN(const fs::path sent,
                          FileOf(directory_, record_id, kSent));
  // Where nothing was ever kept, nothing is made.
  LIMPID_ASSIGN_OR_RETURN(const auto any, Files(directory_, {kKept, kSent}));
  if (any.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  LIMPID_RETURN_IF_ERROR(RemoveFile(file));
  return RemoveFile(sent);
}

absl::Status GrantBook::Clear() const { return ForEach(RemoveFile); }

absl::Status GrantBook::SetAside() const { return ForEach(SetFileAside); }

absl::Status GrantBook::ForEach(
    absl::FunctionRef<absl::Status(const fs::path&)> work) const {
  LIMPID_ASSIGN_OR_RETURN(const auto any, Files(directory_, {kKept, kSent}));
  if (any.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  LIMPID_ASSIGN_OR_RETURN(const auto files, Files(directory_, {kKept, kSent}));
  for (const fs::path& file : files) LIMPID_RETURN_IF_ERROR(work(file));
  return absl::OkStatus();
}

}  // namespace limpid::client
