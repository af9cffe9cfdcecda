// Vault asks, consent decides, in another process: every question, answer,
// closed permit and fence in one stream. Losing the stream means refusing.

#ifndef LIMPID_SERVER_ADAPTERS_REMOTE_CONSENT_GATE_H_
#define LIMPID_SERVER_ADAPTERS_REMOTE_CONSENT_GATE_H_

#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/rpc/client.h"
#include "server/adapters/cohort_calls.h"
#include "server/adapters/link_watch.h"
#include "vault/gate/consent_gate.h"

namespace grpc {
class Channel;
}

namespace limpid::server {

// Thread-safe. Connects by itself, again and again.
class RemoteConsentGate final : public vault::ConsentGate {
 public:
  // `options` has the vault's client certificate. `clock` must outlive it.
  // `tell` is told when no stream has been there for some seconds, and when one
  // is again (LinkWatch), on a thread of the gate's; may be empty.
  //
  // Errors: those of rpc::MakeChannel.
  static absl::StatusOr<std::unique_ptr<RemoteConsentGate>> Make(
      const rpc::ChannelOptions& options, const base::Clock& clock,
      LinkTeller tell = {});
  // Stops it.
  ~RemoteConsentGate() override;
  RemoteConsentGate(const RemoteConsentGate&) = delete;
  RemoteConsentGate& operator=(const RemoteConsentGate&) = delete;

  // Errors: those of ConsentGate, and
  //   kUnavailable        no stream, the stream broke, or no answer in 5 s.
  //   kResourceExhausted  too much waits.
  void Authorize(vault::ReleaseRequest request,
                 vault::DecisionCallback callback) override;
  // In a call of its own. Errors: those of ConsentGate and CohortCalls.
  void AuthorizeCohort(vault::CohortQuestion question,
                       vault::CohortCallback callback) override;

  // Answers what waits with kUnavailable, and everything after. When it returns
  // every question asked before has its answer. To be called before whatever
  // the callbacks lead to is gone.
  void Stop();

  // Whether a stream is open now, for health and tests.
  [[nodiscard]] bool connected() const;

 private:
  class Link;
  class Stream;
  class Hold;

  RemoteConsentGate(std::shared_ptr<grpc::Channel> channel,
                    const base::Clock& clock, LinkTeller tell);
  void KeepConnected();
  // Until it is gone.
  void KeepStream();

  std::shared_ptr<grpc::Channel> channel_;
  // Shared with holds and the stream, which may be closed after the gate.
  std::shared_ptr<Link> link_;
  CohortCalls cohorts_;
  // Of the thread.
  LinkWatch watch_;
  std::thread thread_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_REMOTE_CONSENT_GATE_H_
