#include "vault/connectors/source_fetcher.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"

namespace limpid::vault {
namespace {

void Wipe(SourceAnswer& answer) {
  if (!answer) return;
  base::Wipe(answer->value_json);
  base::Wipe(answer->statement);
}

}  // namespace

// What is known so far; shared by the sources' threads and the timer.
struct SourceFetcher::Gather {
  base::Mutex mutex;
  std::vector<Fetched> results ABSL_GUARDED_BY(mutex);
  std::size_t missing ABSL_GUARDED_BY(mutex) = 0;
  // Gone once it was called.
  std::optional<FetchCallback> callback ABSL_GUARDED_BY(mutex);
  absl::Duration deadline;

  // Whether somebody still waits.
  bool open() {
    const base::MutexLock lock(mutex);
    return callback.has_value();
  }

  void Take(std::size_t place, bool answered, SourceAnswer answer) {
    {
      const base::MutexLock lock(mutex);
      if (callback) {
        results[place].answered = answered;
        results[place].answer.swap(answer);
        --missing;
        if (missing > 0) return;
      }
    }
    Wipe(answer);
    Finish();
  }

  // With what there is.
  void Finish() {
    std::optional<FetchCallback> call;
    std::vector<Fetched> out;
    {
      const base::MutexLock lock(mutex);
      if (!callback) return;
      call.swap(callback);
      out.swap(results);
    }
    (*call)(std::move(out));
  }
};

SourceFetcher::SourceFetcher(const SourceSet& sources, const base::Clock& clock,
                             RunAt run_at, Alarm alarm)
    : sources_(sources),
      clock_(clock),
      run_at_(std::move(run_at)),
      alarm_(std::move(alarm)) {}

void SourceFetcher::Fetch(std::vector<Wanted> wanted, absl::Duration deadline,
                          FetchCallback callback) {
  // Shared: sources may still be asked when nobody waits any more.
  const auto gather = std::make_shared<Gather>();
  {
    const base::MutexLock lock(gather->mutex);
    for (const Wanted& one : wanted) {
      gather->results.push_back({.line = one.line});
    }
    gather->missing = wanted.size();
    gather->callback = std::move(callback);
  }
  gather->deadline = deadline;
  if (wanted.empty()) return gather->Finish();
  run_at_(deadline, [gather] { gather->Finish(); });
  for (std::size_t place = 0; place < wanted.size(); ++place) {
    const Source* const source = sources_.Find(wanted[place].source);
    if (source == nullptr ||
        !source->MayAnswer(wanted[place].question.attribute)) {
      gather->Take(place, /*answered=*/false, std::nullopt);
      continue;
    }
    Ask(*source, wanted[place], gather, place);
  }
}

void SourceFetcher::Ask(const Source& source, const Wanted& wanted,
                        const std::shared_ptr<Gather>& gather,
                        std::size_t place) {
  const bool taken = source.run([this, &source, wanted, gather, place] {
    // It may have waited for a thread for longer than anybody waits for it.
    const absl::Duration left = gather->deadline - clock_.Monotonic();
    if (!gather->open() || left <= absl::ZeroDuration()) {
      return gather->Take(place, /*answered=*/false, std::nullopt);
    }
    auto answer = source.connector->Fetch(wanted.question,
                                          std::min(left, source.time_limit));
    if (absl::IsDataLoss(answer.status())) alarm_(source.name);
    if (!answer.ok()) {
      return gather->Take(place, /*answered=*/false, std::nullopt);
    }
    gather->Take(place, /*answered=*/true, *std::move(answer));
  });
  if (!taken) gather->Take(place, /*answered=*/false, std::nullopt);
}

}  // namespace limpid::vault
