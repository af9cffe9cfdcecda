// The consent role, as the rest of the house uses it: accounts, agreements,
// records, decisions, accesses, receipts, streams. Callers are named by ids
// that the edge has authenticated. Blocks where it says nothing else; a state
// change that returned OK is durable, logged for the person, and no permit it
// ended hands out another byte.

#ifndef LIMPID_CONSENT_CONSENT_H_
#define LIMPID_CONSENT_CONSENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/receipt.h"
#include "common/receipt/statement.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service.h"
#include "consent/cohort/cohort.h"
#include "consent/decision/decide.h"
#include "consent/governance.h"
#include "consent/identity/account.h"
#include "consent/ids.h"
#include "consent/ledger/authorise.h"
#include "consent/log/access_filter.h"
#include "consent/parts.h"
#include "consent/propagation/watch_hub.h"
#include "consent/record/narrowing.h"
#include "consent/views.h"

namespace limpid::consent {

// Thread-safe.
class Consent {
 public:
  // Brings store, stop ledger and log together and starts the role.
  //
  // Errors: those of the ports, and of Sequencer::Start.
  static absl::StatusOr<std::unique_ptr<Consent>> Open(ConsentParts parts,
                                                       ConsentKeys keys,
                                                       ConsentOptions options);
  ~Consent();
  Consent(const Consent&) = delete;
  Consent& operator=(const Consent&) = delete;

  // --- Decisions, for sources ---

  // See authorise.h. Does not block.
  void Authorise(AuthoriseRequest request, AuthoriseCallback callback);
  // See cohort.h. Does not block; a large cohort takes minutes.
  void AuthoriseCohort(CohortRequest request, CohortCallback callback);
  // Cohorts that are not whole are given up at their next page, with
  // kUnavailable: for who waits for answers before a stop. Does not block; what
  // was entered stays entered. Not undone.
  void StopGathering();

  // --- Accounts, for persons ---

  // Makes an account for the key, or returns the one it opens. The caller has
  // verified possession of the key.
  absl::StatusOr<AccountView> CreateAccount(
      const crypto::Ed25519PublicKey& key);
  // Whose account a key id (thumbprint) opens, and the key itself.
  //
  // Errors:
  //   kNotFound  nobody's.
  absl::StatusOr<KnownKey> FindKey(std::string_view key_id) const;
  absl::StatusOr<AccountView> GetAccount(const PersonId& person) const;
  absl::StatusOr<std::vector<SourceView>> ListSources(
      const PersonId& person) const;
  // Links the person to the source at the first call.
  //
  // Errors:
  //   kNotFound  no such source.
  absl::StatusOr<SourceTokenView> IssueSourceToken(const PersonId& person,
                                                   const SourceId& source);

  // --- Records, for persons; other people's are kNotFound ---

  absl::StatusOr<RecordView> BindRequest(const PersonId& person,
                                         std::string_view code);
  absl::StatusOr<ChangedRecord> Grant(
      const PersonId& person, const RecordId& record,
      const receipt::SignedStatement& statement);
  // `ask_not_before`: until then the service may not ask again.
  absl::StatusOr<ChangedRecord> Refuse(const PersonId& person,
                                       const RecordId& record,
                                       absl::Time ask_not_before);
  absl::StatusOr<ChangedRecord> Pause(const PersonId& person,
                                      const RecordId& record);
  absl::StatusOr<ChangedRecord> Resume(const PersonId& person,
                                       const RecordId& record);
  // A second call returns the withdrawn record, and the withdrawal's receipt if
  // it has one: not when it was replayed after a restore, or its entry erased.
  absl::StatusOr<ChangedRecord> Withdraw(const PersonId& person,
                                         const RecordId& record);
  absl::StatusOr<RecordView> GetRecord(const PersonId& person,
                                       const RecordId& record) const;
  // Whole: some thousand revisions at most; record/room.h.
  absl::StatusOr<std::vector<Revision>> GetHistory(
      const PersonId& person, const RecordId& record) const;
  // The newest with a number below `before`, when that is not 0.
  absl::StatusOr<RevisionPage> ListRevisions(const PersonId& person,
                                             const RecordId& record,
                                             std::uint64_t before,
                                             std::size_t limit) const;
  // Newest change first. `open_only`: those that wait for an answer. Starts
  // behind `after` when it is set.
  absl::StatusOr<RecordPage> ListRecords(const PersonId& person, bool open_only,
                                         std::optional<RecordCursor> after,
                                         std::size_t limit) const;
  // Newest first, below sequence `below` when it is not 0. `next_below` of the
  // page is 0 at the end; a page may be short, even empty, before that.
  absl::StatusOr<AccessPage> ListAccesses(const PersonId& person,
                                          const AccessFilter& filter,
                                          std::uint64_t below,
                                          std::size_t limit) const;
  absl::StatusOr<ReceiptView> GetAccessReceipt(const PersonId& person,
                                               const AccessId& access) const;
  // Of the record's latest grant or withdrawal.
  absl::StatusOr<ReceiptView> GetRecordReceipt(const PersonId& person,
                                               const RecordId& record) const;
  // What a read by the record's service would get now, with true reasons.
  // Counts nothing, enters nothing.
  absl::StatusOr<std::vector<receipt::AccessLine>> Explain(
      const PersonId& person, const RecordId& record,
      const ReadRequest& request) const;

  // --- Requests and streams, for services; others' are kNotFound ---

  // Errors:
  //   kPermissionDenied  no service has this key.
  absl::StatusOr<ServicePointer> ServiceOf(
      const base::Digest32& spki_thumbprint) const;
  absl::StatusOr<RequestView> CreateRequest(const ServiceId& service,
                                            const NewRequest& request);
  absl::StatusOr<RequestStatus> GetRequestStatus(const ServiceId& service,
                                                 std::string_view code) const;
  [[nodiscard]] std::vector<AgreementPointer> ListAgreements(
      const ServiceId& service) const;
  // See watch_hub.h. Does not block.
  absl::Status Watch(const ServiceId& service, base::ByteView cursor,
                     WatchSink sink, WatchListener listener = {});

  // --- Administration ---

  // `service` without id and time; `request_id` has 16 bytes.
  absl::StatusOr<ServicePointer> CreateService(
      const base::ByteArray<16>& request_id, Service service,
      const Registration& registration = {});
  [[nodiscard]] std::vector<ServicePointer> ListServices() const;
  // `agreement`: set to make its next version. Where that asks for more than
  // the one before, a re-consent campaign begins in the same commit;
  // campaign.h.
  absl::StatusOr<AgreementPointer> CreateAgreement(
      const ServiceId& service, std::optional<AgreementId> agreement,
      AgreementContent content, const Publication& publication = {});
  absl::StatusOr<Revision> Revoke(const RecordId& record,
                                  const std::string& reason);

  // --- For the operator ---

  [[nodiscard]] const std::string& operator_name() const;
  [[nodiscard]] crypto::Ed25519PublicKey evidence_key() const;
  [[nodiscard]] crypto::Ed25519PublicKey token_key() const;
  // Records that this start paused because the store was an older copy.
  [[nodiscard]] std::size_t restored_count() const;
  // Whether they were paused, or would have been, because this start found no
  // stop ledger.
  [[nodiscard]] bool stop_ledger_lost() const;
  [[nodiscard]] std::uint64_t batch_count() const;
  // Calls so far that were decided from what their own thread had read.
  [[nodiscard]] std::uint64_t read_ahead_count() const;
  // Runs a tick of the access log now; the number of entries it logged.
  absl::StatusOr<std::size_t> TickLog();
  // Runs what the clock has ended now.
  void RunDue();

  // --- Agreements, sharing, changes of services: governance.h ---

  [[nodiscard]] AgreementPointer FindAgreement(const AgreementId& agreement,
                                               std::uint32_t version) const;
  absl::StatusOr<AgreementDiff> DiffAgreements(const AgreementId& agreement,
                                               std::uint32_t from,
                                               std::uint32_t to) const;
  absl::StatusOr<SharingPointer> CreateSharing(
      const AdministratorKey& administrator,
      const base::ByteArray<16>& request_id, std::optional<SharingId> sharing,
      SharingTerms terms);
  absl::StatusOr<SharingPointer> CreateDefaultSharing(
      const AdministratorKey& administrator, const ServiceId& service,
      const SourceId& source);
  absl::StatusOr<SharingPointer> EndSharing(
      const AdministratorKey& administrator, const SharingId& sharing);
  [[nodiscard]] std::vector<SharingPointer> ListSharing(
      std::optional<ServiceId> service = std::nullopt) const;
  [[nodiscard]] std::vector<Campaign> ListCampaigns() const;
  absl::StatusOr<std::vector<ReconsentView>> ListReconsents(
      const PersonId& person) const;
  absl::StatusOr<ServiceChange> ProposeServiceChange(
      const base::ByteArray<16>& request_id, const ProposedChange& wanted);
  absl::StatusOr<ServiceChange> ApproveServiceChange(
      const AdministratorKey& administrator, const ServiceChangeId& change);
  absl::StatusOr<ServiceChange> CancelServiceChange(
      const AdministratorKey& administrator, const ServiceChangeId& change);
  [[nodiscard]] std::vector<ServiceChange> ListServiceChanges() const;
  absl::StatusOr<RenderedForm> AgreementForm(const AgreementId& agreement,
                                             std::uint32_t version,
                                             std::string_view language) const;
  absl::StatusOr<RenderedForm> RecordForm(const PersonId& person,
                                          const RecordId& record,
                                          std::string_view language) const;
  absl::Status RunCampaigns();
  absl::Status RunServiceChanges();

  // --- Acts and limits, for persons; other people's are kNotFound ---

  // The person answers later; the request lapses all the same.
  absl::StatusOr<ChangedRecord> Defer(const PersonId& person,
                                      const RecordId& record);
  // See narrowing.h. Under an atomic agreement, dropping a line withdraws the
  // record. A second call returns the narrowed record.
  absl::StatusOr<ChangedRecord> Narrow(const PersonId& person,
                                       const RecordId& record,
                                       const Narrowing& narrowing);
  // For bases other than consent: pauses the record with the grounds, or
  // answers why the law gives no such right. basis.h
  absl::StatusOr<Objection> ObjectTo(const PersonId& person,
                                     const RecordId& record,
                                     const std::string& grounds);
  // Forgets until when a refused service may not ask again.
  absl::StatusOr<RecordView> AllowAskingAgain(const PersonId& person,
                                              const RecordId& record);

  // --- Request syntaxes, for services; others' agreements are kNotFound ---

  // As CreateRequest for the lines that `text` names. asked.h
  absl::StatusOr<RequestView> CreateRequestFrom(const ServiceId& service,
                                                RequestSyntax syntax,
                                                std::string_view text,
                                                NewRequest request);

  // The inside, for this folder's own .cc files: consent_state.h.
  struct State;
  [[nodiscard]] State& state() const { return *state_; }

 private:
  explicit Consent(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_CONSENT_H_
