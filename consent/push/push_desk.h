// Pushing, as the edges of a consent role use it: administrators say where a
// service may be reached, services where they want their events, persons see
// what became of those about them. Other people's records are kNotFound.

#ifndef LIMPID_CONSENT_PUSH_PUSH_DESK_H_
#define LIMPID_CONSENT_PUSH_PUSH_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/consent.h"
#include "consent/push/push_turn.h"
#include "consent/push/push_views.h"

namespace limpid::consent {

// Dead letters that one order sends again: bounds a commit.
inline constexpr std::size_t kMaxRetriedLetters = 1'000;

// Thread-safe, and cheap to make for one call.
class PushDesk {
 public:
  // `consent` must outlive it.
  explicit PushDesk(const Consent& consent)
      : consent_(consent), state_(consent.state()) {}

  // --- For administrators ---

  // Where the service's endpoint must be; empty for nowhere. An endpoint that
  // is elsewhere is removed. A second call changes nothing.
  //
  // Errors:
  //   kInvalidArgument  ParsePushOrigin, or PushTransport::CheckHost.
  //   kNotFound         no such service.
  absl::StatusOr<PushEndpointView> SetOrigin(
      const AdministratorKey& administrator, const ServiceId& service,
      std::string_view origin);
  // Dead letters, of one service or all, by service and age. Names no person.
  [[nodiscard]] std::vector<PushLetterView> ListDeadLetters(
      std::optional<ServiceId> service) const;
  // Sends them again, once each, kMaxRetriedLetters at most; how many.
  absl::StatusOr<std::uint64_t> RetryDeadLetters(
      std::optional<ServiceId> service);

  // --- For services ---

  // Pushes every later event to `url`. A second call changes nothing; another
  // address goes on where the last one was.
  //
  // Errors:
  //   kInvalidArgument     ParsePushUrl, PushTransport::CheckHost, or it is not
  //                        on the service's origin.
  //   kFailedPrecondition  no origin is registered, or this server pushes not.
  absl::StatusOr<PushEndpointView> SetEndpoint(const ServiceId& service,
                                               std::string_view url);
  // Errors:
  //   kNotFound  neither an origin nor an endpoint was ever registered.
  absl::StatusOr<PushEndpointView> GetEndpoint(const ServiceId& service) const;
  // A second call changes nothing.
  absl::Status RemoveEndpoint(const ServiceId& service);

  // --- For persons ---

  // One per revision of the record, oldest first.
  //
  // Errors:
  //   kNotFound  no such record of the person.
  absl::StatusOr<std::vector<DeliveryView>> ListDeliveries(
      const PersonId& person, const RecordId& record) const;

  // Sends what is due on the caller's thread, where no worker does.
  void RunDue() const;

 private:
  const Consent& consent_;
  Consent::State& state_;
};

// Makes what a turn found out durable, unless its registration is over.
absl::Status CommitPushTurn(Consent::State& s, const PushTurn& turn);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_DESK_H_
