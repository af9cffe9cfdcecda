#include "consent/receipt/receipts.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/receipt_id.h"
#include "common/receipt/service_copy.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/embargo/embargo_desk.h"
#include "consent/ledger/entry_row.h"
#include "consent/log/entry_reader.h"
#include "consent/receipt/service_receipt.h"
#include "consent/receipt/withdrawal_receipt.h"

namespace limpid::consent {
namespace {

using receipt::AccessKind;
using receipt::ReceiptType;

// An entry of the person with what its row says beside it.
struct OpenedEntry {
  receipt::AccessEntry entry;
  SealedEntry sealed;
};

absl::Status NoReceipt() { return absl::NotFoundError("no such receipt"); }

// Text of an id, empty for none.
template <typename IdType>
std::string TextOf(const base::ByteArray<16>& bytes) {
  const IdType id(bytes);
  return id.none() ? std::string() : id.Text();
}

absl::StatusOr<OpenedEntry> ReadEntry(Consent::State& s, const PersonId& person,
                                      std::uint64_t sequence) {
  LIMPID_ASSIGN_OR_RETURN(EntryReader reader, EntryReader::Make(s, person));
  if (sequence == 0 || sequence > INT64_MAX) return NoReceipt();
  LIMPID_ASSIGN_OR_RETURN(
      const auto row, s.parts.store.Get(EntryRowKey(s.blinder.ShardOf(person),
                                                    person, sequence)));
  if (!row) return NoReceipt();
  LIMPID_ASSIGN_OR_RETURN(OpenedEntryRow opened, reader.Open(*row));
  if (!opened.content) {
    return absl::NotFoundError(
        opened.erasure ? "that entry was erased at the person's request"
                       : "that entry does not open");
  }
  OpenedEntry out;
  out.sealed = *std::move(opened.content);
  LIMPID_ASSIGN_OR_RETURN(out.entry,
                          receipt::AccessEntry::Decode(out.sealed.entry));
  return out;
}

// The revision that the entry was decided under, when it is the person's own.
absl::StatusOr<std::optional<Revision>> ReadRevision(
    Consent::State& s, const PersonId& person,
    const receipt::AccessEntry& entry) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          s.parts.store.Get(RevisionRowKey(
                              s.blinder.ShardOf(person), person,
                              RecordId(entry.record), entry.revision)));
  if (!row) return std::optional<Revision>();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, *row));
  LIMPID_ASSIGN_OR_RETURN(Revision revision, Revision::Decode(opened));
  return std::optional<Revision>(std::move(revision));
}

absl::StatusOr<receipt::ReceiptBody> BodyAbout(Consent::State& s,
                                               const PersonId& person,
                                               const OpenedEntry& opened) {
  if (!ReceiptTypeOf(opened.entry.kind)) return NoReceipt();
  LIMPID_ASSIGN_OR_RETURN(const auto revision,
                          ReadRevision(s, person, opened.entry));
  const base::Digest32 commitment =
      receipt::CommitAccessEntry(opened.sealed.opening, opened.sealed.entry);
  return BodyOf({opened.entry, commitment, revision ? &*revision : nullptr,
                 s.options.operator_name,
                 opened.entry.time + s.authorise->log_promise});
}

absl::StatusOr<ReceiptView> MakeReceipt(Consent::State& s,
                                        const PersonId& person,
                                        const OpenedEntry& opened) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::ReceiptBody body,
                          BodyAbout(s, person, opened));
  receipt::Receipt out;
  out.body_json = body.Canonical();
  const std::vector<base::Bytes> items = {receipt::ReceiptItem(out.body_json)};
  out.proof =
      receipt::SignBatch(receipt::BatchKind::kReceipts, s.sequencer->epoch(),
                         s.parts.clock.Now(), items, s.keys.evidence)
          .front();
  out.entry = opened.sealed.entry;
  out.opening = opened.sealed.opening;
  ReceiptView view;
  LIMPID_ASSIGN_OR_RETURN(const auto index,
                          s.LogIndexOf(opened.sealed.position));
  if (index) {
    LIMPID_ASSIGN_OR_RETURN(out.log_proof, s.parts.log.Prove(*index));
    view.stage = ReceiptStage::kLogged;
  }
  view.file = out.ToFile();
  return view;
}

// A record of nobody, sealed and opened as a stored one is: what an unknown
// record costs where a foreign one is opened.
absl::StatusOr<LiveRecord> OpenStandIn(Consent::State& s,
                                       const RecordId& record) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(s.nobody));
  PersonState nobody;
  nobody.id = s.nobody;
  nobody.shard = s.blinder.ShardOf(s.nobody);
  nobody.key = key;
  LiveRecord empty;
  empty.revision.record = record;
  const PersonalRow row = RowOf(empty, nobody);
  // As a foreign record's row is fetched by its key.
  LIMPID_RETURN_IF_ERROR(s.parts.store.Get(row.key).status());
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, row));
  return LiveRecord::Decode(opened);
}

struct OwnedRecord {
  PersonId person;
  LiveRecord record;
};

// The record whoever's it is; nobody's for an unknown or erased one.
absl::StatusOr<OwnedRecord> RecordOfAnybody(Consent::State& s,
                                            const RecordId& id) {
  OwnedRecord out;
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          s.parts.store.Find(RowKind::kRecord, id.bytes()));
  out.person = row ? row->key.person : s.nobody;
  auto record = row ? s.ReadRecord(out.person, id) : OpenStandIn(s, id);
  if (absl::IsNotFound(record.status())) record = OpenStandIn(s, id);
  LIMPID_ASSIGN_OR_RETURN(out.record, std::move(record));
  return out;
}

}  // namespace

std::vector<receipt::AccessLine> LinesOf(const Revision& revision,
                                         const Agreement& agreement,
                                         receipt::Reason of_chosen) {
  std::vector<receipt::AccessLine> out;
  const auto& lines = agreement.content.lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    receipt::AccessLine line;
    line.attribute = lines[i].attribute;
    if (std::binary_search(revision.lines.begin(), revision.lines.end(),
                           static_cast<std::uint16_t>(i))) {
      line.form = static_cast<std::uint8_t>(lines[i].form);
      line.derivation = lines[i].derivation;
      line.parameters = lines[i].parameters;
      line.reason = of_chosen;
    }
    out.push_back(std::move(line));
  }
  return out;
}

std::optional<ReceiptType> ReceiptTypeOf(AccessKind kind) {
  if (kind == AccessKind::kReleaseDecided) return ReceiptType::kAccess;
  if (kind == AccessKind::kGranted) return ReceiptType::kGrant;
  if (kind == AccessKind::kWithdrawn) return ReceiptType::kWithdrawal;
  return std::nullopt;
}

receipt::ReceiptBody BodyOf(const ReceiptFacts& facts) {
  const receipt::AccessEntry& entry = facts.entry;
  receipt::ReceiptBody out;
  out.access = AccessId(entry.access).Text();
  out.commitment = facts.commitment;
  out.id = receipt::ReceiptIdText(entry.access);
  out.lines = entry.lines;
  out.log_by = facts.log_by;
  out.operator_name = facts.operator_name;
  out.purpose = entry.purpose;
  out.record = TextOf<RecordId>(entry.record);
  out.revision = entry.revision;
  out.service = TextOf<ServiceId>(entry.service);
  out.time = entry.time;
  out.type = ReceiptTypeOf(entry.kind).value_or(ReceiptType::kAccess);
  if (facts.revision == nullptr) return out;
  out.agreement = facts.revision->agreement.Text();
  out.agreement_hash = facts.revision->agreement_hash;
  out.notice_hash = facts.revision->notice_hash;
  out.statement_hash = facts.revision->statement_hash;
  return out;
}

absl::StatusOr<std::optional<std::uint64_t>> Consent::State::LogIndexOf(
    std::uint64_t position) {
  LIMPID_ASSIGN_OR_RETURN(const auto plan, parts.store.PlanFor(position));
  if (!plan || !plan->done) return std::optional<std::uint64_t>();
  return std::optional<std::uint64_t>(tick_places.IndexOf(*plan, position));
}

absl::StatusOr<ReceiptView> Consent::GetAccessReceipt(
    const PersonId& person, const AccessId& access) const {
  const std::uint64_t sequence = state_->blinder.SequenceOf(access);
  auto opened = ReadEntry(*state_, person, sequence);
  if (!opened.ok() && !absl::IsNotFound(opened.status())) {
    return opened.status();
  }
  // Somebody else's id leads to a number that happens to exist here too.
  if (opened.ok() && opened->entry.access == access.bytes()) {
    return MakeReceipt(*state_, person, *opened);
  }
  LIMPID_ASSIGN_OR_RETURN(const auto told, FindTold(*state_, person, access));
  if (!told) return opened.ok() ? NoReceipt() : opened.status();
  OpenedEntry out;
  out.sealed = {told->opening, told->position, told->entry};
  LIMPID_ASSIGN_OR_RETURN(out.entry, receipt::AccessEntry::Decode(told->entry));
  return MakeReceipt(*state_, person, out);
}

absl::StatusOr<ReceiptView> Consent::GetRecordReceipt(
    const PersonId& person, const RecordId& record) const {
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord live,
                          state_->ReadRecord(person, record));
  LIMPID_ASSIGN_OR_RETURN(const OpenedEntry opened,
                          ReadEntry(*state_, person, live.receipt_sequence));
  return MakeReceipt(*state_, person, opened);
}

absl::StatusOr<std::optional<ReceiptView>> WithdrawalReceipt(
    const Consent& consent, const PersonId& person, const RecordId& record) {
  Consent::State& s = consent.state();
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord live, s.ReadRecord(person, record));
  const auto opened = ReadEntry(s, person, live.receipt_sequence);
  // Erased since.
  if (absl::IsNotFound(opened.status())) return std::optional<ReceiptView>();
  LIMPID_RETURN_IF_ERROR(opened.status());
  // Withdrawn by a replayed stop: the last receipt is the grant's.
  if (opened->entry.kind != AccessKind::kWithdrawn) {
    return std::optional<ReceiptView>();
  }
  LIMPID_ASSIGN_OR_RETURN(ReceiptView view, MakeReceipt(s, person, *opened));
  return std::optional<ReceiptView>(std::move(view));
}

absl::StatusOr<std::string> ServiceReceipt(const Consent& consent,
                                           const ServiceId& service,
                                           const RecordId& record) {
  Consent::State& s = consent.state();
  LIMPID_ASSIGN_OR_RETURN(const OwnedRecord found, RecordOfAnybody(s, record));
  if (found.record.revision.service != service) return NoReceipt();
  const auto opened = ReadEntry(s, found.person, found.record.receipt_sequence);
  // Why there is none, an erasure for one, is the person's business.
  if (absl::IsNotFound(opened.status())) return NoReceipt();
  LIMPID_RETURN_IF_ERROR(opened.status());
  LIMPID_ASSIGN_OR_RETURN(const receipt::ReceiptBody body,
                          BodyAbout(s, found.person, *opened));
  return receipt::MakeServiceCopy(
             body, {s.sequencer->epoch(), s.parts.clock.Now(), s.keys.evidence},
             [] { return crypto::RandomArray<32>(); })
      .ToFile();
}

}  // namespace limpid::consent
