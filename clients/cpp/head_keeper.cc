#include "clients/cpp/head_keeper.h"

#include <sys/types.h>

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::client {
namespace {

constexpr std::size_t kMaxFileBytes = 1U << 16U;
constexpr mode_t kOwnerOnly = 0600;

absl::Status Write(const std::filesystem::path& file,
                   base::ByteView signed_head) {
  return base::WriteFileAtomically(
      file, base::AsBytes(base::Base64UrlEncode(signed_head)), kOwnerOnly);
}

// Whether it says more than `kept`.
bool IsNewer(const receipt::LogHead& shown,
             const std::optional<receipt::LogHead>& kept) {
  if (!kept || shown.sequence != kept->sequence) {
    return !kept || shown.sequence > kept->sequence;
  }
  return shown.checkpoint_size > kept->checkpoint_size;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HeadKeeper>> HeadKeeper::Open(
    std::filesystem::path file, const crypto::Ed25519PublicKey& evidence_key) {
  std::unique_ptr<HeadKeeper> out(
      new HeadKeeper(std::move(file), evidence_key));
  if (out->file_.empty() || !std::filesystem::exists(out->file_)) return out;
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes text,
                          base::ReadFileBytes(out->file_, kMaxFileBytes));
  const auto bytes = base::Base64UrlDecode(base::ToText(text));
  const auto head = bytes.ok()
                        ? receipt::VerifyHead(*bytes, evidence_key)
                        : absl::StatusOr<receipt::LogHead>(bytes.status());
  if (!head.ok()) {
    return absl::DataLossError(
        absl::StrCat(out->file_.string(), " is no log head of this operator"));
  }
  const base::MutexLock lock(out->mutex_);
  out->kept_ = *head;
  return out;
}

std::optional<receipt::LogHead> HeadKeeper::kept() const {
  const base::MutexLock lock(mutex_);
  return kept_;
}

absl::Status HeadKeeper::Contradicted(base::ByteView signed_head,
                                      const absl::Status& why) const {
  std::string kept;
  if (!file_.empty()) {
    std::filesystem::path proof = file_;
    proof += ".contradicted";
    LIMPID_RETURN_IF_ERROR(Write(proof, signed_head));
    kept =
        absl::StrCat("; give your data protection authority ", file_.string(),
                     " and ", proof.string(), ", and move them away to go on");
  }
  return absl::DataLossError(absl::StrCat(
      "the answer came with an end of your log that contradicts the one this "
      "device saw: ",
      why.message(), kept,
      ". What you asked for may have been done all the same"));
}

absl::Status HeadKeeper::See(const std::optional<receipt::LogHead>& before,
                             base::ByteView signed_head) {
  const auto shown = receipt::VerifyHead(signed_head, evidence_key_);
  if (!shown.ok()) {
    return absl::DataLossError(
        "the answer came with an end of your log that does not verify");
  }
  if (before) {
    const absl::Status follows = receipt::CheckHeads(*before, *shown);
    if (!follows.ok()) return Contradicted(signed_head, follows);
  }
  const base::MutexLock lock(mutex_);
  if (!IsNewer(*shown, kept_)) return absl::OkStatus();
  if (!file_.empty()) LIMPID_RETURN_IF_ERROR(Write(file_, signed_head));
  kept_ = *shown;
  return absl::OkStatus();
}

}  // namespace limpid::client
