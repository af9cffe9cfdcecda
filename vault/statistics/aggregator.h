// Answers a service's question about a cohort: one answer per question and
// epoch, kept and repeated; made under a cohort permit, spent from each
// person's budget before it exists, with noise. docs/statistics.md

#ifndef LIMPID_VAULT_STATISTICS_AGGREGATOR_H_
#define LIMPID_VAULT_STATISTICS_AGGREGATOR_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "vault/core.h"
#include "vault/gate/cohort_permit.h"
#include "vault/gate/consent_gate.h"
#include "vault/statistics/statistic.h"
#include "vault/statistics/statistics_store.h"

namespace limpid::vault {

// One question of an authenticated service. Has nothing to choose freely.
struct StatisticRequest {
  base::Digest32 caller_thumbprint{};
  // "agr_…", as the service wrote it.
  std::string agreement;
  // DPV IRI.
  std::string purpose;
  std::string attribute;
  StatisticFunction function = StatisticFunction::kCount;
};

struct StatisticAnswer {
  Statistic statistic;
  // Days since 1970-01-01 by UTC.
  std::uint64_t epoch = 0;
  StatisticFunction function = StatisticFunction::kCount;
};

using StatisticCallback =
    absl::AnyInvocable<void(absl::StatusOr<StatisticAnswer>)>;

// Counting takes up to a lease, so that what it holds up must be nothing but
// counting.
struct StatisticExecutors {
  // Runs work elsewhere; false when it is full. Null runs it at once.
  using Executor = std::function<bool(std::function<void()>)>;

  // Checks questions and repeats kept answers.
  Executor steps = nullptr;
  // Counts. One thread is enough: one statistic is computed at a time.
  Executor counting = nullptr;
};

// Thread-safe. One statistic is computed at a time.
class Aggregator {
 public:
  // `consent_key` signs permits. All must outlive it. Errors: those of
  // KekSource::Named.
  static absl::StatusOr<std::unique_ptr<Aggregator>> Open(
      VaultCore& core, KekSource& keys, StatisticsStore& store,
      ConsentGate& gate, const crypto::Ed25519PublicKey& consent_key,
      StatisticExecutors run = {});
  // Stops. What `run` was given must have been run before.
  ~Aggregator();
  Aggregator(const Aggregator&) = delete;
  Aggregator& operator=(const Aggregator&) = delete;

  // Calls `callback` exactly once, on any thread. "Too few" is an answer. Takes
  // as long as opening every value.
  //
  // Errors (before anything is asked):
  //   kInvalidArgument     a text is empty or too long.
  //   kNotFound            the catalogue has no such attribute.
  //   kFailedPrecondition  CountableFor.
  // Errors (from the gate): those of consent's CohortCallback.
  // Errors:
  //   kUnavailable         the permit would run out, or did, before the answer
  //                        was kept; nothing left. Ask again: who paid for this
  //                        question, and for no other since, pays nothing more.
  //                        Or the vault is stopping.
  //   kResourceExhausted   the executor is full.
  //   kDataLoss            the permit is forged or was made for something else;
  //                        a stored row does not open. Alarm.
  void Answer(StatisticRequest request, StatisticCallback callback);

  // Gives up what is being computed, and what consent answers from now on is
  // answered with kUnavailable without coming here. Before the executor goes.
  void Stop();

 private:
  struct Question;
  struct Work;
  struct Guard;
  class Computation;
  class Lease;

  Aggregator(VaultCore& core, StatisticsStore& store, ConsentGate& gate,
             const crypto::Ed25519PublicKey& consent_key,
             StatisticExecutors run, base::SecretBytes key);

  static void Run(const StatisticExecutors::Executor& run,
                  const std::shared_ptr<Work>& work,
                  std::function<void()> step);
  void Begin(const std::shared_ptr<Work>& work);
  absl::StatusOr<Question> Check(const StatisticRequest& request) const;
  absl::StatusOr<std::optional<Statistic>> Kept(
      const base::Digest32& question) const;
  absl::StatusOr<StatisticAnswer> Decided(const Question& question,
                                          absl::StatusOr<Cohort> cohort,
                                          absl::Duration received_at);
  absl::StatusOr<receipt::CohortPermit> Verify(
      const Question& question, const CohortPermit& permit) const;
  // Everybody who counts has paid on return.
  absl::StatusOr<Tally> Counted(const Question& question,
                                std::span<const receipt::CohortMember> members,
                                const Lease& lease)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Statistic> Compute(const Question& question,
                                    const CohortPermit& permit,
                                    absl::Duration received_at);

  VaultCore& core_;
  StatisticsStore& store_;
  ConsentGate& gate_;
  const crypto::Ed25519PublicKey consent_key_;
  const StatisticExecutors run_;
  const base::SecretBytes key_;
  // Shared with callbacks that the gate may call when this is gone.
  const std::shared_ptr<Guard> guard_;
  std::atomic<bool> stopping_ = false;
  // Held while one statistic is computed.
  base::Mutex mutex_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STATISTICS_AGGREGATOR_H_
