// What the consent role answers: plain values for the edges to translate.

#ifndef LIMPID_CONSENT_VIEWS_H_
#define LIMPID_CONSENT_VIEWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/access_entry.h"
#include "consent/agreement/material_change.h"
#include "consent/identity/account.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/entry_row.h"
#include "consent/record/revision.h"

namespace limpid::consent {

struct AccountView {
  PersonId person;
  Account account;
};

struct KnownKey {
  PersonId person;
  crypto::Ed25519PublicKey key;
};

struct SourceView {
  SourceId id;
  std::string name;
  std::string address;
  bool linked = false;
};

struct SourceTokenView {
  // Compact JWS.
  std::string token;
  absl::Time expires;
};

struct RecordView {
  // `state` of the newest revision, or what the clock has made of it.
  RecordState state = RecordState::kRequested;
  Revision revision;
  base::Digest32 revision_hash{};
  std::uint64_t use_count = 0;
  // Positions of the lines that the service asked for; empty for all.
  std::vector<std::uint16_t> asked_lines;
  // LiveRecord's.
  StandingId standing;
  std::uint8_t standing_mismatch = 0;
  ServicePointer service;
  AgreementPointer agreement;
};

// How far a proof has come; docs/formats/receipt.md.
enum class ReceiptStage : std::uint8_t {
  kDurable = 1,
  kLogged = 2,
  kWitnessed = 3,
};

struct ReceiptView {
  ReceiptStage stage = ReceiptStage::kDurable;
  // The receipt file, one JSON object.
  std::string file;
};

struct ChangedRecord {
  RecordView record;
  // Of grants and withdrawals.
  std::optional<ReceiptView> receipt;
};

struct Objection {
  // Why it changed nothing, naming the law; empty when the record was paused.
  std::string refusal;
  RecordView record;
};

// Place in a list of records.
struct RecordCursor {
  absl::Time time;
  RecordId record;
};

struct RecordPage {
  std::vector<RecordView> records;
  // Absent at the end.
  std::optional<RecordCursor> next;
};

struct RevisionPage {
  // Oldest first.
  std::vector<Revision> revisions;
  // Of the page with the older ones; 0 at the end.
  std::uint64_t next_before = 0;
};

// What the person sees of a release that was allowed. The first four are
// receipt::AccessOutcome's.
enum class ShownOutcome : std::uint8_t {
  // Nothing was allowed, or it was not looked for far enough.
  kNone = 0,
  kReleased = 1,
  kNothingSent = 2,
  kFailed = 3,
  kPartial = 4,
  // The source may still be at it.
  kPending = 5,
  // The source never said.
  kUnfinished = 6,
};

struct AccessView {
  // Only sequence, time and previous when the content is not there.
  receipt::AccessEntry entry;
  // Why it is not there. Neither is set for an entry that is whole.
  std::optional<EntryErasure> erasure;
  bool missing = false;
  // Null when the service is gone.
  ServicePointer service;
  ReceiptStage stage = ReceiptStage::kDurable;
  // 33 bytes of the access log.
  base::Bytes leaf;
  ShownOutcome outcome = ShownOutcome::kNone;
  // What the leaf commits to, encoded, and what opens it; empty when the
  // content is not there.
  base::Bytes content;
  base::Bytes opening;
};

struct AccessPage {
  std::vector<AccessView> entries;
  // receipt::SignedHead of the person's log.
  base::Bytes signed_head;
  // Where the next page starts; 0 at the end.
  std::uint64_t next_below = 0;
};

// A request that follows a consent because its agreement asks for more now.
struct ReconsentView {
  RecordView request;
  RecordId follows;
  std::uint32_t followed_version = 0;
  // When the consent that it follows releases nothing any more.
  std::optional<absl::Time> outdated_from;
  std::vector<AgreementChange> changes;
};

struct NewRequest {
  AgreementId agreement;
  std::uint32_t version = 0;
  // Chosen by the service; the same one gets the same code.
  base::ByteArray<16> request_id{};
  absl::Duration lifetime;
  // Positions of the agreement's lines, ascending; empty asks for all.
  std::vector<std::uint16_t> lines;
};

enum class RequestSyntax : std::uint8_t {
  // RFC 9396.
  kAuthorizationDetails,
  // OpenID4VP's query language.
  kDcql,
};

struct RequestView {
  // 26 characters.
  std::string code;
  absl::Time expires;
  // Asked for, in the agreement's order, when a foreign syntax named them.
  std::vector<std::string> attributes;
};

struct RequestStatus {
  // kDraft until somebody binds it.
  RecordState state = RecordState::kDraft;
  std::optional<RecordId> record;
  std::optional<Pseudonym> pseudonym;
  // While granted.
  std::vector<std::string> attributes;
  absl::Time from = absl::UnixEpoch();
  absl::Time until = absl::UnixEpoch();
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_VIEWS_H_
