// The inside of the consent role, for its own .cc files.

#ifndef LIMPID_CONSENT_CONSENT_STATE_H_
#define LIMPID_CONSENT_CONSENT_STATE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/agreement/service_change.h"
#include "consent/campaign/campaign.h"
#include "consent/cohort/cohort_book.h"
#include "consent/consent.h"
#include "consent/ledger/authorise.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/log_tick.h"
#include "consent/ledger/permits.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/sequencer.h"
#include "consent/ledger/tick_watch.h"
#include "consent/log/completion_book.h"
#include "consent/notice/notice_hub.h"
#include "consent/propagation/watch_hub.h"
#include "consent/push/push_book.h"
#include "consent/push/push_hub.h"
#include "consent/receipt/tick_places.h"
#include "consent/service_key/key_book.h"
#include "consent/service_key/key_sender.h"
#include "consent/sharing/sharing_book.h"
#include "consent/training/algorithm_register.h"
#include "consent/training/facts_book.h"
#include "consent/training/training_book.h"

namespace limpid::consent {

// Keys made from ConsentKeys::root, one per use.
struct DerivedKeys {
  base::SecretBytes index;
  base::SecretBytes access_id;
  base::SecretBytes row;
  base::SecretBytes cursor;
  base::SecretBytes code;
};

struct Consent::State {
  State(ConsentParts consent_parts, ConsentKeys consent_keys,
        ConsentOptions consent_options, DerivedKeys derived);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // --- Reading, on the caller's thread ---

  // Errors:
  //   kNotFound  the person has no account, or her erasing began.
  absl::StatusOr<PersonKey> KeyOf(const PersonId& person);
  absl::StatusOr<LiveRecord> ReadRecord(const PersonId& person,
                                        const RecordId& record);
  absl::StatusOr<Account> ReadAccount(const PersonId& person);
  absl::StatusOr<Delegations> ReadDelegations(const PersonId& person);
  [[nodiscard]] absl::StatusOr<RecordView> ViewOf(const LiveRecord& record,
                                                  absl::Time now) const;
  // Where the entry at `position` is in the log; nothing when it waits for it.
  // Dear: a listing asks LoggedPlans.
  absl::StatusOr<std::optional<std::uint64_t>> LogIndexOf(
      std::uint64_t position);

  // Says what makes no call fail and wants somebody all the same.
  void Alarm(const absl::Status& what) const {
    if (options.alarm) options.alarm(what);
  }

  // --- Ticks ---

  absl::StatusOr<std::size_t> Tick(bool even_if_empty);
  absl::StatusOr<std::size_t> TickAll(bool even_if_empty);
  void RunTicks();
  void RunCompletions();

  ConsentParts parts;
  ConsentKeys keys;
  ConsentOptions options;
  base::SecretBytes row_key;
  base::SecretBytes cursor_key;
  base::SecretBytes code_key;
  Blinder blinder;
  // Person in whose chain reads of unknown records are entered.
  PersonId nobody;
  PersonKeys person_keys;
  Catalogue catalogue;
  SharingBook sharing;
  CampaignBook campaigns;
  ServiceChangeBook service_changes;
  PushBook push;
  CohortBook cohorts;
  std::atomic<bool> gathering_stopped = false;
  // One at a time: SetAside.
  std::atomic<bool> setting_aside = false;
  ServiceKeyBook service_keys;
  Permits permits;
  TickWatch tick_watch;
  // Shared with the permits, which may be closed after this is gone.
  std::shared_ptr<CompletionBook> completions;
  std::unique_ptr<WatchHub> hub;
  // Null where nothing is pushed.
  std::unique_ptr<PushHub> push_hub;
  std::unique_ptr<NoticeHub> notice_hub;
  // Null where there is no register to publish keys in.
  std::unique_ptr<ServiceKeySender> key_sender;
  std::unique_ptr<Sequencer> sequencer;
  std::optional<AuthoriseParts> authorise;

  TickPlaces tick_places;

  base::Mutex tick_mutex;
  std::optional<LogTick> tick ABSL_GUARDED_BY(tick_mutex);
  base::Mutex stop_mutex;
  base::ConditionVariable stop_changed;
  bool stopping ABSL_GUARDED_BY(stop_mutex) = false;
  std::thread ticker;
  std::thread completer;

  TrainingBook training;
  FactsBook facts;
  // Null where there is none; ConnectRegister.
  std::atomic<AlgorithmRegister*> algorithms = nullptr;
};

// The pseudonym of the person for the service and one purpose, minted when it
// is needed first. Two mints of one purpose cannot be in one commit.
absl::StatusOr<PurposePseudonym> MintPseudonym(const Consent::State& s,
                                               const PersonState& person,
                                               const ServiceId& service,
                                               const std::string& purpose,
                                               Batch& batch);

// What a request of a service is kept as, under its code's hash.
struct StoredRequest {
  ServiceId service;
  AgreementId agreement;
  std::uint32_t version = 0;
  base::ByteArray<16> request_id{};
  absl::Time expires;
  // None until bound.
  RecordId record;
  // Positions of the agreement's lines; empty asks for all.
  std::vector<std::uint16_t> lines;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one request.
  static absl::StatusOr<StoredRequest> Decode(base::ByteView bytes);
};

// Key of the row of a request code.
//
// Errors:
//   kNotFound  it is no code.
absl::StatusOr<base::Bytes> RequestRowId(std::string_view code);

// The stored request, null when there is none.
absl::StatusOr<std::optional<StoredRequest>> LoadRequest(
    const LedgerStore& store, const base::SecretBytes& row_key,
    const base::Bytes& row_id);
PublicRow RequestRow(const base::SecretBytes& row_key,
                     const base::Bytes& row_id, const StoredRequest& request);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_CONSENT_STATE_H_
