// How many calls of persons themselves may wait for a source at once. They
// share its threads with what services read, and one person with a script must
// not take them from everybody. Knows no source and no link.

#ifndef LIMPID_VAULT_CONNECTORS_OWN_CALLS_H_
#define LIMPID_VAULT_CONNECTORS_OWN_CALLS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// Thread-safe. Must outlive its turns.
class OwnCalls {
 public:
  // One call's, until End or until it goes. Used by one thread at a time.
  class Turn {
   public:
    Turn(OwnCalls& calls, std::string source, const HolderId& holder)
        : calls_(calls), source_(std::move(source)), holder_(holder) {}
    ~Turn() { End(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // Before the answer goes out, so that whoever has it may call again. May be
    // called twice.
    void End();

   private:
    OwnCalls& calls_;
    const std::string source_;
    const HolderId holder_;
    bool ended_ = false;
  };

  // A turn of `holder` at `source`, where at most `most` have one at a time.
  // Shared, because work that is queued is copied.
  //
  // Errors:
  //   kResourceExhausted  she has one there, or `most` have.
  absl::StatusOr<std::shared_ptr<Turn>> Take(std::string_view source,
                                             const HolderId& holder,
                                             std::size_t most);

 private:
  void LetGo(const std::string& source, const HolderId& holder);

  base::Mutex mutex_;
  // By source.
  std::map<std::string, std::set<HolderId>, std::less<>> waiting_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_OWN_CALLS_H_
