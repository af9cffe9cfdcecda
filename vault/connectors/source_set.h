// The sources that this vault is configured with, each with its connector and
// with the threads that may wait for it: a source that hangs takes its own
// threads and nobody else's.

#ifndef LIMPID_VAULT_CONNECTORS_SOURCE_SET_H_
#define LIMPID_VAULT_CONNECTORS_SOURCE_SET_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "vault/connectors/connector.h"

namespace limpid::vault {

struct Source {
  // Runs work that may wait for the source; false when as many wait as may.
  using Executor = std::function<bool(std::function<void()>)>;

  // IsSourceName, and kOwnSource for this vault alone.
  std::string name;
  // What persons and services see.
  std::string title;
  // What it may be asked about; empty of this vault, which is asked about all.
  std::vector<std::string> attributes;
  // For one question.
  absl::Duration time_limit;
  // Outlives the set.
  Connector* connector = nullptr;
  Executor run;
  // Threads of `run`.
  std::size_t at_once = 8;

  // How many calls of persons themselves may wait for it at once: at most half
  // of its threads, and none of the queue, so that the rest is for what
  // services read.
  [[nodiscard]] std::size_t own_calls() const {
    return at_once < 4 ? 1 : at_once / 2;
  }
  [[nodiscard]] bool MayAnswer(std::string_view attribute) const;
};

// Immutable. Thread-safe.
class SourceSet {
 public:
  explicit SourceSet(std::vector<Source> sources)
      : sources_(std::move(sources)) {}

  // Null for a name that is not configured.
  [[nodiscard]] const Source* Find(std::string_view name) const;
  // In the order of the configuration.
  [[nodiscard]] const std::vector<Source>& all() const { return sources_; }

 private:
  const std::vector<Source> sources_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOURCE_SET_H_
