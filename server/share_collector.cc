#include "server/share_collector.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/held_root_key.h"
#include "common/crypto/root_key.h"
#include "common/crypto/slip39_share.h"
#include "server/share_set.h"

namespace limpid::server {

absl::StatusOr<ShareCollector::State> ShareCollector::Give(
    const base::Digest32& administrator, const base::SecretBytes& words,
    absl::Duration now) {
  const base::MutexLock lock(mutex_);
  if (key_ != nullptr) {
    return absl::FailedPreconditionError(
        "the server has its root key already: it needs no more shares");
  }
  ForgetOldLocked(now);
  LIMPID_ASSIGN_OR_RETURN(const crypto::slip39::Share share,
                          ReadShare(set_, words));
  Given one = {administrator, share.info.member_index,
               crypto::slip39::ToWords(share), now};
  LIMPID_ASSIGN_OR_RETURN(const bool is_new, IsNew(one));
  if (!is_new) return StateLocked();
  given_.push_back(std::move(one));
  if (given_.size() >= set_.threshold) {
    const absl::Status opened = Open();
    // Opened or not, no share is needed any more.
    given_.clear();
    LIMPID_RETURN_IF_ERROR(opened);
  }
  return StateLocked();
}

absl::StatusOr<bool> ShareCollector::IsNew(const Given& share) const {
  for (const Given& one : given_) {
    const bool same_place = one.member_index == share.member_index;
    const bool same_person = one.administrator == share.administrator;
    if (same_place && !(one.words == share.words)) {
      return absl::AlreadyExistsError(absl::StrCat(
          "another share ", int{share.member_index} + 1,
          " was given already: one of the two is wrong. Forget the shares and "
          "begin again with the right one"));
    }
    if (same_place && same_person) return false;
    if (same_place) {
      return absl::AlreadyExistsError(
          absl::StrCat("share ", int{share.member_index} + 1,
                       " was given already, by another administrator: give "
                       "another one"));
    }
    if (same_person) {
      return absl::FailedPreconditionError(
          "you gave a share already: each comes from another administrator, "
          "with a certificate of their own");
    }
  }
  return true;
}

absl::Status ShareCollector::Open() {
  std::vector<base::SecretBytes> words;
  words.reserve(given_.size());
  for (Given& one : given_) words.push_back(std::move(one.words));
  auto key = OpenShares(set_, words);
  if (!key.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        key.status().message(), ". All were forgotten: begin again"));
  }
  key_ = std::make_shared<const crypto::HeldRootKey>(*std::move(key));
  return absl::OkStatus();
}

std::size_t ShareCollector::Forget() {
  const base::MutexLock lock(mutex_);
  const std::size_t count = given_.size();
  given_.clear();
  return count;
}

std::size_t ShareCollector::ForgetOld(absl::Duration now) {
  const base::MutexLock lock(mutex_);
  return ForgetOldLocked(now);
}

std::size_t ShareCollector::ForgetOldLocked(absl::Duration now) {
  return std::erase_if(
      given_, [now](const Given& one) { return now - one.at >= kShareLife; });
}

ShareCollector::State ShareCollector::Look(absl::Duration now) {
  const base::MutexLock lock(mutex_);
  ForgetOldLocked(now);
  return StateLocked();
}

std::shared_ptr<const crypto::RootKey> ShareCollector::Key() const {
  const base::MutexLock lock(mutex_);
  return key_;
}

}  // namespace limpid::server
