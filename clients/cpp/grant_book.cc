#include "clients/cpp/grant_book.h"

#include <algorithm>
#include <cstddef>
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
// A statement has at most 64 lines with their parameters.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr mode_t kOwnerOnly = 0600;

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
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed) {
    return AboutOwnFile(absl::UnavailableError(
        absl::StrCat(directory.string(), " cannot be made")));
  }
  return LockBeside(directory / kBook);
}

absl::StatusOr<receipt::SignedStatement> ReadSigned(const fs::path& file) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(file, kMaxFileBytes));
  const absl::Status broken =
      BrokenFile(file, "is not a grant that you signed");
  const auto value = json::ParseStrict(base::AsText(bytes));
  if (!value.ok()) return broken;
  receipt::SignedStatement kept;
  kept.canonical_json = value->GetString("statement").value_or("");
  const auto signature =
      base::Base64UrlDecode(value->GetString("signature").value_or(""));
  if (!signature.ok() || signature->size() != kept.signature.size()) {
    return broken;
  }
  std::copy(signature->begin(), signature->end(), kept.signature.begin());
  const auto statement = receipt::Statement::Parse(kept.canonical_json);
  // Under another name it would stand for another record.
  if (!statement.ok() || file.stem() != statement->record) return broken;
  return kept;
}

absl::StatusOr<receipt::Statement> Read(
    const fs::path& file, const crypto::Ed25519PublicKey& person) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::SignedStatement kept,
                          ReadSigned(file));
  if (!receipt::StatementIsSigned(kept, person)) {
    return BrokenFile(file, "is not a grant that you signed");
  }
  return receipt::Statement::Parse(kept.canonical_json);
}

absl::Status Write(const fs::path& file,
                   const receipt::SignedStatement& statement) {
  json::Value out = json::Value::Object();
  out.Set("statement", statement.canonical_json);
  out.Set("signature", base::Base64UrlEncode(statement.signature));
  return base::WriteFileAtomically(file, base::AsBytes(json::Pretty(out)),
                                   kOwnerOnly);
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
    auto statement = Read(file, person);
    // Dropped by another process since.
    if (absl::IsNotFound(statement.status())) continue;
    LIMPID_RETURN_IF_ERROR(statement.status());
    out.push_back(*std::move(statement));
  }
  return out;
}

// Whether `file` keeps what was signed after `statement`.
absl::StatusOr<bool> HasLater(const fs::path& file,
                              const receipt::Statement& statement) {
  const auto kept = ReadSigned(file);
  if (absl::IsNotFound(kept.status())) return false;
  LIMPID_RETURN_IF_ERROR(kept.status());
  LIMPID_ASSIGN_OR_RETURN(const receipt::Statement earlier,
                          receipt::Statement::Parse(kept->canonical_json));
  return earlier.time > statement.time;
}

}  // namespace

absl::Status GrantBook::NoteSent(
    const receipt::SignedStatement& statement) const {
  LIMPID_ASSIGN_OR_RETURN(const receipt::Statement parsed,
                          receipt::Statement::Parse(statement.canonical_json));
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, parsed.record, kSent));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  return Write(file, statement);
}

absl::Status GrantBook::DropSent(std::string_view record_id) const {
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, record_id, kSent));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  return RemoveFile(file);
}

absl::Status GrantBook::Keep(const receipt::SignedStatement& statement) const {
  LIMPID_ASSIGN_OR_RETURN(const receipt::Statement parsed,
                          receipt::Statement::Parse(statement.canonical_json));
  LIMPID_ASSIGN_OR_RETURN(const fs::path file,
                          FileOf(directory_, parsed.record, kKept));
  LIMPID_ASSIGN_OR_RETURN(const fs::path sent,
                          FileOf(directory_, parsed.record, kSent));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  LIMPID_ASSIGN_OR_RETURN(const bool later, HasLater(file, parsed));
  if (!later) LIMPID_RETURN_IF_ERROR(Write(file, statement));
  return RemoveFile(sent);
}

absl::Status GrantBook::KeepSent(std::string_view record_id) const {
  LIMPID_ASSIGN_OR_RETURN(const fs::path sent,
                          FileOf(directory_, record_id, kSent));
  const auto statement = ReadSigned(sent);
  if (absl::IsNotFound(statement.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(statement.status());
  return Keep(*statement);
}

absl::StatusOr<std::vector<receipt::Statement>> GrantBook::All(
    const crypto::Ed25519PublicKey& person) const {
  return ReadAll(directory_, kKept, person);
}

absl::StatusOr<std::vector<receipt::Statement>> GrantBook::Sent(
    const crypto::Ed25519PublicKey& person) const {
  return ReadAll(directory_, kSent, person);
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

absl::Status GrantBook::Clear() const {
  LIMPID_ASSIGN_OR_RETURN(const auto any, Files(directory_, {kKept, kSent}));
  if (any.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBook(directory_));
  LIMPID_ASSIGN_OR_RETURN(const auto files, Files(directory_, {kKept, kSent}));
  for (const fs::path& file : files) LIMPID_RETURN_IF_ERROR(RemoveFile(file));
  return absl::OkStatus();
}

}  // namespace limpid::client
