// One batch of the sequencer while it is being decided: the rows that will be
// committed together, and the items that will be signed together afterwards.
// Changes the persons' states in place; if the commit fails they are dropped.

#ifndef LIMPID_CONSENT_LEDGER_BATCH_H_
#define LIMPID_CONSENT_LEDGER_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/batch.h"
#include "consent/agreement/agreement.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/clock_rule.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// A record and the revision from which on its permits are dead.
struct Fence {
  RecordId record;
  std::uint64_t revision = 0;
  // Those who listen for fences have heard of this one.
  bool repeated = false;
};

// Places in the signed batches, made after the commit.
struct BatchProofs {
  std::vector<receipt::BatchProof> permits;
  std::vector<receipt::BatchProof> receipts;
};

// What an entry became.
struct AppendedEntry {
  AccessId access;
  std::uint64_t sequence = 0;
  base::Digest32 commitment{};
  base::ByteArray<32> opening{};
  base::Bytes encoded;
};

// Used by the sequencer's thread alone.
class Batch {
 public:
  // `before` is the head of the last commit; `blinder` must outlive it.
  Batch(const LedgerHead& before, const ClockRule::Reading& clock,
        const Blinder& blinder);

  // The one time of everything in the batch.
  [[nodiscard]] absl::Time time() const { return clock_.time; }
  // The clock cannot be believed: release nothing.
  [[nodiscard]] bool clock_jumped() const { return clock_.jumped; }
  [[nodiscard]] std::uint64_t epoch() const { return commit_.head.epoch; }

  // Puts `draft` at the end of the person's chain: access id, time, sequence,
  // predecessor and embargo commitment are filled in here. Not for what is
  // under embargo: consent/embargo/entering.h.
  AppendedEntry Append(PersonState& person, receipt::AccessEntry draft);
  // One leaf of the access log more; its position in commit order.
  std::uint64_t AddLeaf(const base::Digest32& commitment);

  // Makes `next` the newest revision of `record` and, where the event ends or
  // narrows a permission, a stop and a fence of it. `attributes` are those in
  // force afterwards, for the service's stream.
  void Apply(PersonState& person, LiveRecord& record, Revision next,
             RecordEvent event, const Agreement& agreement);

  // For an act that finds its record stopped already, at `revision` or before:
  // it is answered when no permit below `revision` hands out a byte, and fails
  // with a batch whose stops cannot be kept, as the act that it repeats does.
  void RepeatStop(const RecordId& record, std::uint64_t revision);

  // A stop that says whose entry was erased.
  void AddErasure(const PersonId& person, std::uint64_t entry);

  // A stop that says whose account is erased.
  void AddAccountErased(const PersonId& person);

  // A stop that says which move arrived: `move` is what its row is found by.
  void AddMovedIn(const RowId& move);

  // Stores the record as it stands now; later calls replace earlier ones.
  void Put(const PersonState& person, const LiveRecord& record);

  void Insert(PersonalRow row) { commit_.inserts.push_back(std::move(row)); }
  void Replace(PersonalRow row) { commit_.puts.push_back(std::move(row)); }
  // Whatever this batch wrote to the row before goes too. Not for records.
  void Delete(const RowKey& key);
  void Delete(const EventRow& event) {
    commit_.event_deletes.push_back({event.service, event.position});
  }
  void Insert(PublicRow row) {
    commit_.public_inserts.push_back(std::move(row));
  }
  void Replace(PublicRow row) { commit_.public_puts.push_back(std::move(row)); }
  // Of an earlier batch.
  void Delete(PublicRowKey key) {
    commit_.public_deletes.push_back(std::move(key));
  }
  // Put into the catalogue after the commit.
  void Publish(Service service) { services_.push_back(std::move(service)); }
  void Publish(Agreement agreement) {
    agreements_.push_back(std::move(agreement));
  }

  // Runs on the sequencer's thread after the commit, never when it failed: for
  // what is kept in memory beside the catalogue. Must not block.
  void AfterCommit(std::function<void()> work) {
    after_commit_.push_back(std::move(work));
  }

  // Items to sign; the result is the place in BatchProofs.
  std::size_t AddPermit(base::Bytes item);
  std::size_t AddReceipt(base::Bytes item);

  [[nodiscard]] const Blinder& blinder() const { return blinder_; }

  // For the sequencer.
  [[nodiscard]] bool empty() const;
  [[nodiscard]] LedgerCommit& commit() { return commit_; }
  [[nodiscard]] const std::vector<Fence>& fences() const { return fences_; }
  [[nodiscard]] const std::vector<base::Bytes>& permits() const {
    return permits_;
  }
  [[nodiscard]] const std::vector<base::Bytes>& receipts() const {
    return receipts_;
  }
  [[nodiscard]] const std::vector<std::function<void()>>& after_commit() const {
    return after_commit_;
  }
  [[nodiscard]] std::vector<Service>& services() { return services_; }
  [[nodiscard]] std::vector<Agreement>& agreements() { return agreements_; }

 private:
  void AddStreamEvent(const PersonState& person, const LiveRecord& record,
                      const Agreement& agreement);
  void AddStop(const Revision& revision, RecordEvent event);

  const Blinder& blinder_;
  const ClockRule::Reading clock_;
  LedgerCommit commit_;
  // Place of a record's row in commit_.puts.
  std::unordered_map<RecordId, std::size_t> placed_;
  std::vector<Fence> fences_;
  std::vector<base::Bytes> permits_;
  std::vector<base::Bytes> receipts_;
  std::vector<Service> services_;
  std::vector<Agreement> agreements_;
  std::vector<std::function<void()>> after_commit_;
};

// Blinded name of a service's stream.
RowId StreamOf(const Blinder& blinder, const ServiceId& service);

// Names of the chosen lines, in the agreement's order.
std::vector<std::string> ChosenAttributes(const Revision& revision,
                                          const Agreement& agreement);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_BATCH_H_
