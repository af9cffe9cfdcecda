#include "vault/reader/reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/receipt/batch.h"
#include "vault/connectors/source_desk.h"
#include "vault/forms/derivation.h"
#include "vault/forms/entitlement.h"
#include "vault/reader/entitlements.h"
#include "vault/reader/permitted_rows.h"
#include "vault/trail/release_trail.h"

namespace limpid::vault {
namespace {

absl::Status Forged() {
  return absl::DataLossError("a permit does not verify");
}

absl::Status Misfit() {
  return absl::DataLossError("a permit was made for another request");
}

absl::Status RanOut() {
  return absl::UnavailableError("the permit ran out; nothing was released");
}

bool Asked(const ReleaseRequest& request, std::string_view attribute) {
  const auto& asked = request.fields.attributes;
  return std::find(asked.begin(), asked.end(), attribute) != asked.end();
}

// Every line once, and none that was not asked.
bool LinesFit(const receipt::Permit& permit, const ReleaseRequest& request) {
  std::set<std::string_view> seen;
  return std::all_of(permit.lines.begin(), permit.lines.end(),
                     [&](const receipt::PermitLine& line) {
                       return Asked(request, line.attribute) &&
                              seen.insert(line.attribute).second;
                     });
}

// The catalogue's word of today: a derivation or an anonymity that was taken
// back no longer leaves, whatever the agreement said.
bool MayLeave(const Definition& definition, const ReadLine& line) {
  const auto& known = definition.derivations;
  switch (line.form) {
    case receipt::Form::kFull:
      return true;
    case receipt::Form::kPseudonymous:
      return !definition.direct_identifier;
    case receipt::Form::kDerived:
    case receipt::Form::kAttested:
      return std::find(known.begin(), known.end(), line.derivation) !=
             known.end();
    case receipt::Form::kAggregate:
      break;  // Never released line by line.
  }
  return false;
}

void WipeText(std::string& text) {
  // Characters are bytes.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  auto* data = reinterpret_cast<std::uint8_t*>(text.data());
  base::Wipe({data, text.size()});
}

}  // namespace

Release::Release(ReleasePermit permit, receipt::Permit facts,
                 absl::Duration lease_end, const base::Clock& clock,
                 const receipt::ReleaseRequestFields& asked)
    : permit_(std::move(permit)),
      facts_(std::move(facts)),
      lease_end_(lease_end),
      clock_(&clock),
      purpose_(asked.purpose),
      nonce_(asked.nonce) {
  const absl::Duration left = lease_end_ - clock.Monotonic();
  valid_until_ = std::min(clock.Now() + left, facts_.not_after);
}

Release& Release::operator=(Release&& other) noexcept {
  if (this != &other) {
    WipeValues(lines_);
    permit_ = std::move(other.permit_);
    facts_ = std::move(other.facts_);
    lease_end_ = other.lease_end_;
    clock_ = other.clock_;
    valid_until_ = other.valid_until_;
    purpose_ = std::move(other.purpose_);
    nonce_ = other.nonce_;
    moved_to_ = std::move(other.moved_to_);
    lines_ = std::move(other.lines_);
    wanted_ = std::move(other.wanted_);
    trail_ = other.trail_;
  }
  return *this;
}

Release::~Release() { WipeValues(lines_); }

void WipeValues(std::vector<ReadLine>& lines) {
  for (ReadLine& line : lines) {
    WipeText(line.value_json);
    WipeText(line.attestation);
  }
}

bool Release::HandOver(absl::FunctionRef<void()> hand_over) {
  bool in_time = false;
  auto note = NoteOf();
  const bool live = permit_.HandOverIfLive([&] {
    // Under the fence lock, so that nothing passes between check and bytes.
    in_time =
        clock_->Monotonic() < lease_end_ && clock_->Now() < facts_.not_after;
    // Noted first: what leaves is in the trail, whatever happens then.
    in_time = in_time && Noted(note);
    if (in_time) hand_over();
  });
  return live && in_time;
}

std::optional<receipt::ReleaseNote> Release::NoteOf() const {
  const auto released =
      std::count_if(lines_.begin(), lines_.end(), [](const ReadLine& line) {
        return line.reason == ReadReason::kReleased;
      });
  if (trail_ == nullptr || released == 0) return std::nullopt;
  receipt::ReleaseNote note;
  note.access = facts_.access;
  note.lease = facts_.lease;
  note.permitted = static_cast<std::uint16_t>(facts_.lines.size());
  note.released = static_cast<std::uint16_t>(released);
  note.lines = receipt::PermittedLines(facts_.lines);
  return note;
}

bool Release::Noted(std::optional<receipt::ReleaseNote>& note) {
  if (!note) return true;
  note->handed_over = clock_->Now();
  note->elapsed = clock_->Monotonic() -
                  (lease_end_ - std::min(facts_.lease, receipt::kMaxLease));
  return trail_->Note(*note);
}

Reader::Reader(VaultCore& core, const crypto::Ed25519PublicKey& consent_key,
               CopyDesk* copies, ReleaseTrail* trail)
    : core_(core), consent_key_(consent_key), copies_(copies), trail_(trail) {}

absl::StatusOr<Release> Reader::Release(ReleasePermit&& permit,
                                        const ReleaseRequest& request,
                                        absl::Duration sent_at) {
  // Taken over first: on every return the permit closes with it.
  ReleasePermit taken = std::move(permit);
  if (!taken.open()) return Forged();
  LIMPID_ASSIGN_OR_RETURN(receipt::Permit facts, Verify(taken.signed_permit()));
  LIMPID_RETURN_IF_ERROR(CheckFits(facts, request));
  const absl::Duration lease_end =
      sent_at + std::min(facts.lease, receipt::kMaxLease);
  if (core_.clock().Monotonic() >= lease_end ||
      core_.clock().Now() >= facts.not_after) {
    return RanOut();
  }
  LIMPID_RETURN_IF_ERROR(Spend(facts));
  class Release release(std::move(taken), std::move(facts), lease_end,
                        core_.clock(), request.fields);
  release.trail_ = trail_;
  LIMPID_RETURN_IF_ERROR(Fill(release));
  return release;
}

absl::StatusOr<receipt::Permit> Reader::Verify(const SignedPermit& permit) {
  if (permit.proof.head.kind != receipt::BatchKind::kPermits ||
      !receipt::ProofCoversItem(permit.proof, permit.item) ||
      !HeadIsSigned(permit.proof)) {
    return Forged();
  }
  auto facts = receipt::Permit::Decode(permit.item);
  if (!facts.ok()) return Forged();
  return facts;
}

bool Reader::HeadIsSigned(const receipt::BatchProof& proof) {
  base::ByteWriter writer("head");
  const base::Digest32 head = crypto::Sha256(
      writer.U8(static_cast<std::uint8_t>(proof.head.kind))
          .U64(proof.head.epoch)
          .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(proof.head.time)))
          .U32(proof.head.size)
          .Raw(proof.head.root)
          .Raw(proof.signature)
          .bytes());
  {
    const base::MutexLock lock(mutex_);
    if (heads_.contains(head)) return true;
  }
  if (!receipt::HeadIsSigned(proof, consent_key_)) return false;
  const base::MutexLock lock(mutex_);
  if (!heads_.insert(head).second) return true;
  recent_heads_.push_back(head);
  if (recent_heads_.size() > kRememberedHeads) {
    heads_.erase(recent_heads_.front());
    recent_heads_.pop_front();
  }
  return true;
}

absl::Status Reader::CheckFits(const receipt::Permit& permit,
                               const ReleaseRequest& request) const {
  const auto record = base::ParseIdText("rec", request.fields.record);
  const bool fits =
      record.ok() && permit.source == core_.identity().source.bytes() &&
      permit.service_key == request.caller_thumbprint &&
      permit.record == *record && permit.request_hash == request.request_hash &&
      permit.nonce == request.vault_nonce && LinesFit(permit, request);
  return fits ? absl::OkStatus() : Misfit();
}

absl::Status Reader::Spend(const receipt::Permit& permit) {
  const absl::Duration now = core_.clock().Monotonic();
  const base::MutexLock lock(mutex_);
  while (!spent_order_.empty() && spent_order_.front().first <= now) {
    spent_.erase(spent_order_.front().second);
    spent_order_.pop_front();
  }
  if (!spent_.insert(permit.access).second) {
    return absl::DataLossError("a permit was used twice");
  }
  spent_order_.emplace_back(now + receipt::kMaxLease, permit.access);
  return absl::OkStatus();
}

absl::Status Reader::Fill(class Release& release) {
  const receipt::Permit& permit = release.permit();
  const Owner owner = core_.blinder().OwnerOf(HolderId(permit.holder));
  LIMPID_ASSIGN_OR_RETURN(PermittedRows found,
                          FindPermitted(core_, owner, permit));
  auto& rows = found.rows;
  if (found.moved) {
    LIMPID_ASSIGN_OR_RETURN(release.moved_to_, MovedTo(core_, owner));
    // She took it back in between, or everything of hers was erased.
    if (!release.moved_to_) {
      LIMPID_ASSIGN_OR_RETURN(found, FindPermitted(core_, owner, permit));
    }
  }
  release.lines().reserve(permit.lines.size());
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < permit.lines.size(); ++i) {
    // In its place: moving a short text leaves a copy behind.
    ReadLine& line = release.lines().emplace_back();
    line.attribute = permit.lines[i].attribute;
    line.form = permit.lines[i].form;
    line.derivation = permit.lines[i].derivation;
    line.parameters = permit.lines[i].parameters;
    line.reason = release.moved_to_ ? ReadReason::kMoved : ReadReason::kNoValue;
    if (rows[i]) LIMPID_RETURN_IF_ERROR(FillLine(release, *rows[i], line));
    if (!rows[i]) missing.push_back(i);
  }
  // A source does not say which days its value speaks of.
  if (missing.empty() || release.moved_to_ || !permit.days.open()) {
    return absl::OkStatus();
  }
  return FindSources(release, owner, missing);
}

absl::Status Reader::FindSources(class Release& release, const Owner& owner,
                                 const std::vector<std::size_t>& missing) {
  LIMPID_ASSIGN_OR_RETURN(const auto links, LinksOf(core_, owner));
  for (const std::size_t place : missing) {
    ReadLine& line = release.lines_[place];
    for (const SourceLink& link : links) {
      const LinkedAttribute* const linked = link.Find(line.attribute);
      if (linked == nullptr) continue;
      // Nothing is asked for that could not leave.
      if (EntryFor(line) == nullptr || !MayConclude(line, release.lines_) ||
          (linked->mode == SourceMode::kComputed &&
           !receipt::HasDerivation(line.form))) {
        line.reason = ReadReason::kForm;
        break;
      }
      line.reason = ReadReason::kSourceUnavailable;
      release.wanted_.push_back(
          {.line = place,
           .source = link.source,
           .mode = linked->mode,
           .question = {link.subject, line.attribute, release.purpose_}});
      break;
    }
  }
  return absl::OkStatus();
}

bool Reader::Fill(class Release& release, const Wanted& wanted,
                  Fetched fetched) {
  ReadLine& line = release.lines_[wanted.line];
  if (!fetched.answered) return true;
  if (!fetched.answer) {
    line.reason = ReadReason::kNoValue;
    return true;
  }
  SourcedValue& value = *fetched.answer;
  base::Wipe(value.statement);
  const CatalogueEntryPtr entry = EntryFor(line);
  const auto parsed = json::ParseStrict(value.value_json);
  const bool fits = entry != nullptr && parsed.ok() &&
                    value.value_json.size() <= kMaxValueBytes &&
                    entry->schema.Validate(*parsed).ok();
  if (!fits || !MakeForm(release, value.value_json, line).ok()) {
    base::Wipe(value.value_json);
    return fits;
  }
  if (line.reason != ReadReason::kReleased) return true;
  if (line.form != receipt::Form::kPseudonymous) line.source = wanted.source;
  if (line.form == receipt::Form::kFull) {
    line.as_of = absl::UnixEpoch() +
                 absl::Floor(value.as_of - absl::UnixEpoch(), absl::Hours(24));
  }
  return true;
}

absl::Status Reader::FillSealed(const receipt::Permit& permit,
                                const AttributeRow& row, ReadLine& line) {
  line.reason = ReadReason::kSealed;
  // There is nothing to derive from. An older version that could be opened is
  // not what she keeps now.
  const bool as_stored = line.form == receipt::Form::kFull ||
                         line.form == receipt::Form::kPseudonymous;
  if (copies_ == nullptr || !as_stored) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(
      auto copy,
      copies_->Find({HolderId(permit.holder), permit.record, line.attribute,
                     row.schema_version, row.version, line.form}));
  if (!copy) return absl::OkStatus();
  line.sealed_copy = *std::move(copy);
  line.version = row.version;
  line.reason = ReadReason::kReleased;
  return absl::OkStatus();
}

absl::Status Reader::FillLine(const class Release& release, AttributeRow& row,
                              ReadLine& line) {
  const receipt::Permit& permit = release.facts_;
  line.reason = ReadReason::kForm;
  if (EntryFor(line) == nullptr) return absl::OkStatus();
  if (row.custody == Custody::kSealed) return FillSealed(permit, row, line);
  const auto key = core_.KeyOf(row);
  if (absl::IsNotFound(key.status()) || row.state != RowState::kKept) {
    line.reason = ReadReason::kNoValue;
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(key.status());
  LIMPID_ASSIGN_OR_RETURN(StoredValue value,
                          core_.OpenValue(**key, row, line.attribute,
                                          &release.permit_.signed_permit()));
  // The label's word found the row; the value's own lets it out.
  if (!value.about.Fits(permit.days)) {
    base::Wipe(value.value_json);
    return absl::DataLossError("a row is not of the days its label says");
  }
  LIMPID_RETURN_IF_ERROR(MakeForm(release, value.value_json, line));
  if (line.reason == ReadReason::kReleased && permit.days.open()) {
    line.version = row.version;
  }
  return absl::OkStatus();
}

CatalogueEntryPtr Reader::EntryFor(const ReadLine& line) const {
  // The catalogue's word of today: a derivation or an anonymity that was taken
  // back no longer leaves, whatever the agreement said.
  const auto entry = core_.catalogue().Find(line.attribute, 0);
  if (!entry.ok() || !MayLeave((*entry)->definition, line)) return nullptr;
  return *entry;
}

absl::Status Reader::Answer(const class Release& release,
                            std::string& value_json, ReadLine& line) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value base,
                          json::ParseStrict(value_json));
  base::Wipe(value_json);
  const auto parameters = json::ParseStrict(line.parameters);
  if (!parameters.ok()) return absl::OkStatus();
  const absl::Time now = core_.clock().Now();
  if (line.derivation == kHasEntitlement1) {
    const auto met = MeetsNeed(*parameters, line.attribute, base, now);
    if (met.ok()) line.met = *met;
    return absl::OkStatus();
  }
  const auto answer = Derive(line.derivation, base, *parameters, now);
  if (answer.ok()) Put(release, *parameters, *answer, line);
  return absl::OkStatus();
}

void Reader::Put(const class Release& release, const json::Value& parameters,
                 const json::Value& answer, ReadLine& line) {
  const receipt::Permit& permit = release.facts_;
  if (line.form == receipt::Form::kAttested) {
    auto attestation = core_.answers().Sign(
        {permit.service_key, release.nonce_, permit.not_after},
        {line.attribute, line.derivation, parameters, answer},
        core_.clock().Now());
    if (!attestation) {
      line.reason = ReadReason::kExpired;
      return;
    }
    line.attestation = *std::move(attestation);
  }
  std::string text = json::Canonical(answer);
  // Not moved: moving a short text leaves a copy behind.
  line.value_json.assign(text);
  base::Wipe(text);
  line.reason = ReadReason::kReleased;
}

void Reader::Conclude(class Release& release) {
  ConcludeEntitlements(
      release.lines_,
      [&](ReadLine& line, const json::Value& parameters, bool entitled) {
        Put(release, parameters, json::Value(entitled), line);
      });
}

absl::Status Reader::MakeForm(const class Release& release,
                              std::string& value_json, ReadLine& line) {
  line.reason = ReadReason::kForm;
  if (receipt::HasDerivation(line.form)) {
    return Answer(release, value_json, line);
  }
  line.value_json.assign(value_json);
  base::Wipe(value_json);
  line.reason = ReadReason::kReleased;
  return absl::OkStatus();
}

}  // namespace limpid::vault
