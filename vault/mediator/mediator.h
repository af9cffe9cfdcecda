// Answers a service's read: asks the consent gate, releases under its permit,
// asks the sources that the person linked for what is not kept here, puts the
// results in the order asked. Decides nothing itself.

#ifndef LIMPID_VAULT_MEDIATOR_MEDIATOR_H_
#define LIMPID_VAULT_MEDIATOR_MEDIATOR_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/permit.h"
#include "vault/connectors/source_fetcher.h"
#include "vault/core.h"
#include "vault/gate/consent_gate.h"
#include "vault/reader/reader.h"

namespace limpid::vault {

// One read by an authenticated service.
struct ReadRequest {
  base::Digest32 caller_thumbprint{};
  receipt::ReleaseRequestFields fields;
};

// An answer that may leave only through HandOver. Move-only; wipes the values
// when it goes. Thread-compatible.
class ReadAnswer {
 public:
  ReadAnswer() = default;
  ReadAnswer(ReadAnswer&& other) noexcept = default;
  ReadAnswer& operator=(ReadAnswer&& other) noexcept = default;
  ReadAnswer(const ReadAnswer&) = delete;
  ReadAnswer& operator=(const ReadAnswer&) = delete;
  ~ReadAnswer() { WipeValues(lines); }

  std::string access_id;
  base::Bytes access_promise;
  base::Digest32 request_hash{};
  // One for each asked attribute, in the order asked.
  std::vector<ReadLine> lines;

  // 16 bytes, or empty when nothing was permitted.
  [[nodiscard]] base::Bytes pseudonym() const;
  [[nodiscard]] std::optional<absl::Time> valid_until() const;
  // Where the person went, when something was permitted and she moved.
  [[nodiscard]] std::optional<NewOperator> moved_to() const;

  // Runs `hand_over` if the values may still leave, and returns whether it ran.
  // An answer that holds no values may always leave.
  bool HandOver(absl::FunctionRef<void()> hand_over);
  // What became of an answer that was handed over or not (`left`), and of which
  // the network layer has said whether it took all of it (`sent`).
  [[nodiscard]] Closing ClosingAfter(bool left, bool sent) const;
  // Says what became of the answer; destroyed without it, it was dropped.
  void Close(Closing closing);

 private:
  friend class Mediator;
  std::optional<Release> release_;
};

using ReadCallback = absl::AnyInvocable<void(absl::StatusOr<ReadAnswer>)>;

// Thread-safe.
class Mediator {
 public:
  // Decryption runs wherever the gate calls back, unless `run` moves it; it
  // returns false when it is full. All must outlive the mediator.
  // Without `sources` none is asked. All that waits for one waits there, so
  // that reads of what is kept here wait for none.
  using Executor = std::function<bool(std::function<void()>)>;
  Mediator(VaultCore& core, ConsentGate& gate, Reader& reader,
           Executor run = nullptr, SourceFetcher* sources = nullptr);

  // For everything between the last source's answer and the bytes' leaving: the
  // rest of the answer is not lost with a source that is late.
  static constexpr absl::Duration kAfterSources = absl::Milliseconds(300);

  // Calls `callback` exactly once, on any thread. A source that does not answer
  // in time is a line with a reason, and the rest of the answer is whole.
  //
  // Errors (before anything is asked):
  //   kInvalidArgument    no attribute, more than receipt::kMaxLines, one
  //                       twice, one that is no attribute id; no purpose.
  // Errors (from the gate and the reader):
  //   kPermissionDenied   the certificate is no registered service's.
  //   kUnavailable        not durable, or the permit ran out.
  //   kResourceExhausted  the executor is full.
  //   kDataLoss           see Reader::Release.
  void Read(ReadRequest request, ReadCallback callback);

 private:
  struct Work;

  // Moves to the executor, if there is one.
  void Run(std::shared_ptr<Work> work, void (Mediator::*step)(Work&));
  // Releases, and answers unless sources have to be asked first.
  void Begin(Work& work);
  void AskSources(Work& work);
  void TakeFetched(Work& work);
  absl::Status Release(Work& work);
  // Answers with all that came.
  void Finish(Work& work);
  static ReadAnswer Arrange(Work& work);

  VaultCore& core_;
  ConsentGate& gate_;
  Reader& reader_;
  const Executor run_;
  SourceFetcher* const sources_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_MEDIATOR_MEDIATOR_H_
