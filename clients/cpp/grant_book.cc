#include "clients/cpp/grant_book.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

constexpr std::string_view kEnding = ".json";
// A statement has at most 64 lines with their parameters.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr mode_t kOwnerOnly = 0600;

absl::StatusOr<std::filesystem::path> FileOf(
    const std::filesystem::path& directory, std::string_view record_id) {
  // The id becomes a file's name: nothing but an id may.
  LIMPID_RETURN_IF_ERROR(base::ParseIdText("rec", record_id).status());
  return directory / (std::string(record_id) + std::string(kEnding));
}

absl::StatusOr<receipt::Statement> Read(
    const std::filesystem::path& file, const crypto::Ed25519PublicKey& person) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(file, kMaxFileBytes));
  const auto broken = absl::DataLossError(
      absl::StrCat(file.string(), " is not a grant that you signed"));
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
  if (!receipt::StatementIsSigned(kept, person)) return broken;
  auto statement = receipt::Statement::Parse(kept.canonical_json);
  // Under another name it would stand for another record.
  if (!statement.ok() || file.stem() != statement->record) return broken;
  return statement;
}

}  // namespace

absl::Status GrantBook::Keep(const receipt::SignedStatement& statement) const {
  LIMPID_ASSIGN_OR_RETURN(const receipt::Statement parsed,
                          receipt::Statement::Parse(statement.canonical_json));
  LIMPID_ASSIGN_OR_RETURN(const auto file, FileOf(directory_, parsed.record));
  std::error_code failed;
  std::filesystem::create_directories(directory_, failed);
  if (failed) {
    return absl::UnavailableError(
        absl::StrCat(directory_.string(), " cannot be made"));
  }
  json::Value out = json::Value::Object();
  out.Set("statement", statement.canonical_json);
  out.Set("signature", base::Base64UrlEncode(statement.signature));
  return base::WriteFileAtomically(file, base::AsBytes(json::Pretty(out)),
                                   kOwnerOnly);
}

absl::StatusOr<std::vector<receipt::Statement>> GrantBook::All(
    const crypto::Ed25519PublicKey& person) const {
  std::vector<std::filesystem::path> files;
  std::error_code absent;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory_, absent)) {
    if (entry.path().extension() == kEnding) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<receipt::Statement> out;
  for (const std::filesystem::path& file : files) {
    LIMPID_ASSIGN_OR_RETURN(out.emplace_back(), Read(file, person));
  }
  return out;
}

absl::StatusOr<receipt::Statement> GrantBook::Find(
    std::string_view record_id, const crypto::Ed25519PublicKey& person) const {
  LIMPID_ASSIGN_OR_RETURN(const auto file, FileOf(directory_, record_id));
  auto found = Read(file, person);
  if (absl::IsNotFound(found.status())) {
    return absl::NotFoundError("you did not sign this grant on this device");
  }
  return found;
}

absl::Status GrantBook::Drop(std::string_view record_id) const {
  LIMPID_ASSIGN_OR_RETURN(const auto file, FileOf(directory_, record_id));
  std::error_code failed;
  std::filesystem::remove(file, failed);
  if (failed) {
    return absl::UnavailableError(
        absl::StrCat(file.string(), " cannot be removed"));
  }
  return absl::OkStatus();
}

}  // namespace limpid::client
