// What an auditor asks and how she checks that nothing was left out.
// docs/formats/audit-listing.md

#ifndef LIMPID_CLIENTS_CPP_AUDIT_CLIENT_H_
#define LIMPID_CLIENTS_CPP_AUDIT_CLIENT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/reconcile.h"
#include "common/base/bytes.h"
#include "common/receipt/tick.h"
#include "limpid/consent/v1/audit_service.pb.h"

namespace limpid::client {

// How the public log's leaves are accounted for.
struct Completeness {
  // Ticks of which every entry is listed, and leaves of theirs.
  std::uint64_t complete_ticks = 0;
  std::uint64_t listed = 0;
  std::uint64_t padding = 0;
  // Listed without content: erased by the person, and without a reason.
  std::uint64_t erased = 0;
  std::uint64_t missing = 0;
  // Not told to the person yet; listed without content too.
  std::uint64_t under_embargo = 0;
  // Entries of ticks that reach over an end of the period, listed or not.
  std::uint64_t elsewhere = 0;
  // Entries between the first and the last tick named that are not listed: an
  // alarm.
  std::uint64_t left_out = 0;
  // Leaves that are no padding of the seed the operator names: an alarm.
  std::uint64_t unexplained = 0;
  // Listed entries that are not in the log yet.
  std::uint64_t waiting = 0;
  // Among them, those that were decided more than kLogGrace ago: an alarm.
  std::uint64_t overdue = 0;
  // Among those that wait, others as old, of which the server says that they
  // are logged, in a tick behind the end of the log that was read.
  std::uint64_t behind_end = 0;
};

// Where the log was read. A copy ends when it was made; a log that is served
// has what it has now.
enum class LogSource : std::uint8_t { kServed, kCopy };

// When entries were listed: until when they were decided, and what time it is.
struct ListedWhen {
  absl::Time until;
  absl::Time now;
};

// Accounts for every leaf of the public log, which the caller has verified
// against a checkpoint. A tick is complete when as many entries name it as it
// has. When fewer do, it is elsewhere before, after, or as, the first or the
// last tick that any entry names, and has entries left out between them: a
// period ends nowhere in its middle. What an operator leaves out at the two
// ends cannot be told from what the period does not cover. Entries have the
// hour in which they were decided, some none; what can have been decided within
// kLogGrace before `when.now` may still wait for its tick.
//
// Errors:
//   kDataLoss  more entries name a tick than it has, one that is not there, or
//              the ticks do not cover the log.
absl::StatusOr<Completeness> CheckCompleteness(
    const std::vector<consent::v1::AuditEntry>& entries,
    const std::vector<receipt::Tick>& ticks,
    std::span<const base::Bytes> leaves, const ListedWhen& when);

// Errors:
//   kDataLoss            entries are left out, missing or overdue, leaves are
//                        unexplained, or a log that is served ends before
//                        entries that the server says it has; the message has
//                        the numbers.
//   kFailedPrecondition  none of it, but the copy ends before such entries:
//                        take a newer one.
absl::Status AlarmOf(const Completeness& found, LogSource source);

// Thread-safe. `connection` carries the auditor's certificate and must outlive
// it.
class AuditClient {
 public:
  explicit AuditClient(Connection& connection) : connection_(connection) {}

  // All pages.
  absl::StatusOr<std::vector<consent::v1::AuditEntry>> ListEntries(
      absl::Time from, absl::Time until);
  // All of them, newest first.
  //
  // Errors: further
  //   kDataLoss  a tick is malformed.
  absl::StatusOr<std::vector<receipt::Tick>> ListTicks();

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_AUDIT_CLIENT_H_
