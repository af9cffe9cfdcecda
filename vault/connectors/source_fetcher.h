// Asks several sources at once and answers by a time that is fixed before,
// whatever they do. Knows no permit: what may be asked was settled before, and
// what leaves the vault is settled after (vault/reader).

#ifndef LIMPID_VAULT_CONNECTORS_SOURCE_FETCHER_H_
#define LIMPID_VAULT_CONNECTORS_SOURCE_FETCHER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "vault/connectors/connector.h"
#include "vault/connectors/source_link.h"
#include "vault/connectors/source_set.h"

namespace limpid::vault {

// One question to one source, for one line of an answer.
struct Wanted {
  std::size_t line = 0;
  std::string source;
  SourceMode mode = SourceMode::kReferenced;
  SourceQuestion question;
};

// What came of it. An answer without a value is a clear absence.
struct Fetched {
  std::size_t line = 0;
  // False: nobody answered in time, or what came may not be used.
  bool answered = false;
  SourceAnswer answer;
};

using FetchCallback = absl::AnyInvocable<void(std::vector<Fetched>)>;

// Thread-safe.
class SourceFetcher {
 public:
  // Runs `work` at `at` on the clock's monotonic time, some milliseconds late
  // at most. `work` does not wait.
  using RunAt =
      std::function<void(absl::Duration at, std::function<void()> work)>;
  // A source answered, and not what it was asked: somebody has to look.
  using Alarm = std::function<void(std::string_view source)>;

  // All must outlive the fetcher and what it started.
  SourceFetcher(const SourceSet& sources, const base::Clock& clock,
                RunAt run_at, Alarm alarm);

  // Calls `callback` once with one result for each of `wanted`, by `deadline`
  // on the monotonic clock: on a thread of a source, on that of `run_at`, or
  // here. What comes later is wiped.
  void Fetch(std::vector<Wanted> wanted, absl::Duration deadline,
             FetchCallback callback);

  // What was configured for `source`; null when it is gone.
  [[nodiscard]] const Source* Find(std::string_view source) const {
    return sources_.Find(source);
  }
  void RaiseAlarm(std::string_view source) const { alarm_(source); }

 private:
  struct Gather;

  void Ask(const Source& source, const Wanted& wanted,
           const std::shared_ptr<Gather>& gather, std::size_t place);

  const SourceSet& sources_;
  const base::Clock& clock_;
  const RunAt run_at_;
  const Alarm alarm_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOURCE_FETCHER_H_
