// Collects the shares of a root key from different administrators until the key
// is there. Refuses a wrong share as early as it can be known, keeps a share
// for a quarter of an hour at most, and forgets all of them when together they
// do not give the key. Knows no wire and reads no clock.

#ifndef LIMPID_SERVER_SHARE_COLLECTOR_H_
#define LIMPID_SERVER_SHARE_COLLECTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/root_key.h"
#include "server/share_set.h"

namespace limpid::server {

// Long enough for people who telephone each other, short enough that shares of
// a ceremony that was broken off do not wait for whoever gives the last one.
inline constexpr absl::Duration kShareLife = absl::Minutes(15);

// Thread-safe. Times are of one monotonic clock.
class ShareCollector {
 public:
  explicit ShareCollector(const ShareSet& set) : set_(set) {}

  struct State {
    // Different shares that are here now.
    std::size_t given = 0;
    // The key is there; no share is any more.
    bool complete = false;
  };

  // Takes one share from the administrator whose certificate's key has this
  // thumbprint. What is refused is wiped at once and changes nothing, but for
  // the last case below; nor does the share that its administrator gave before,
  // whose time goes on.
  //
  // Errors, each a sentence for who gives it that prints no word:
  //   kInvalidArgument     as ReadShare.
  //   kAlreadyExists       another administrator gave the same share, or
  //                        somebody gave another one of the same place.
  //   kFailedPrecondition  this administrator gave another share, and one
  //                        person is not two; or the key is there already; or
  //                        it was the last that was needed and together they do
  //                        not give the key: all are forgotten.
  absl::StatusOr<State> Give(const base::Digest32& administrator,
                             const base::SecretBytes& words,
                             absl::Duration now);
  // Wipes what was given; the key, once it is there, stays. How many shares it
  // were.
  std::size_t Forget();
  // Wipes what is older than kShareLife. How many shares it were.
  std::size_t ForgetOld(absl::Duration now);
  State Look(absl::Duration now);
  // Null until it is there.
  std::shared_ptr<const crypto::RootKey> Key() const;
  [[nodiscard]] const ShareSet& set() const { return set_; }

 private:
  struct Given {
    base::Digest32 administrator{};
    std::uint8_t member_index = 0;
    // In their one spelling.
    base::SecretBytes words;
    absl::Duration at;
  };

  // Whether it may be added; false when it is here already, from the same.
  absl::StatusOr<bool> IsNew(const Given& share) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::size_t ForgetOldLocked(absl::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  State StateLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return {given_.size(), key_ != nullptr};
  }

  const ShareSet set_;
  mutable base::Mutex mutex_;
  std::vector<Given> given_ ABSL_GUARDED_BY(mutex_);
  // Shared: the key rings of all roles hang on it.
  std::shared_ptr<const crypto::RootKey> key_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_SHARE_COLLECTOR_H_
