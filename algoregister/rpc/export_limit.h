// How many exports, or other dear answers of one kind, are made at once, over
// all readers and for one: who reads slowly or asks for much must not keep
// others from reading.

#ifndef LIMPID_ALGOREGISTER_RPC_EXPORT_LIMIT_H_
#define LIMPID_ALGOREGISTER_RPC_EXPORT_LIMIT_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class ExportLimit {
 public:
  // Each reads the store page by page while its client reads.
  static constexpr int kMost = 8;
  static constexpr int kMostPerClient = 2;

  // Errors:
  //   kResourceExhausted  so many are open; the message says whose.
  absl::Status Take(const std::string& client);
  // Once for each Take that returned OK.
  void Release(const std::string& client);

 private:
  base::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> by_client_ ABSL_GUARDED_BY(mutex_);
};

// One of the places among those who are answered now, while it lives: for a
// call that is answered as a whole.
class AnswerPlace {
 public:
  // Takes a place, if there is one. `limit` must outlive it.
  AnswerPlace(ExportLimit& limit, std::string client)
      : limit_(limit),
        client_(std::move(client)),
        taken_(limit_.Take(client_).ok()) {}
  AnswerPlace(const AnswerPlace&) = delete;
  AnswerPlace& operator=(const AnswerPlace&) = delete;
  ~AnswerPlace() {
    if (taken_) limit_.Release(client_);
  }

  // Errors:
  //   kResourceExhausted  there was none.
  [[nodiscard]] absl::Status status() const {
    if (taken_) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        "too many answers are made now; try later");
  }

 private:
  ExportLimit& limit_;
  const std::string client_;
  const bool taken_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_EXPORT_LIMIT_H_
