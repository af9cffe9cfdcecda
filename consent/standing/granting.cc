#include "consent/standing/granting.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "consent/campaign/campaign_desk.h"
#include "consent/delegation/delegation.h"
#include "consent/receipt/receipts.h"
#include "consent/sharing/sharing_desk.h"
#include "consent/standing/match.h"

namespace limpid::consent {
namespace {

// What is the same for every permission of the person.
std::optional<Mismatch> MismatchOfRequest(const Consent::State& s,
                                          const PersonState& person,
                                          const StoredRequest& request,
                                          const Agreement& agreement,
                                          absl::Time now) {
  Revision granted;
  granted.service = request.service;
  granted.lines = GrantedLines(request.lines, agreement);
  if (!CheckNotOutdated(s, agreement.id, agreement.version).ok() ||
      !CheckGrantIsShared(s, granted, agreement, now).ok()) {
    return Mismatch::kNotOffered;
  }
  if (FindReserved(person.delegations, agreement, s.parts.purposes, now) !=
      nullptr) {
    return Mismatch::kReserved;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::uint16_t> GrantedLines(const std::vector<std::uint16_t>& asked,
                                        const Agreement& agreement) {
  if (!asked.empty()) return asked;
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < agreement.content.lines.size(); ++i) {
    out.push_back(static_cast<std::uint16_t>(i));
  }
  return out;
}

absl::StatusOr<HeldStanding> OpenStanding(const PersonKey& key,
                                          const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, row));
  return HeldStanding::Decode(opened);
}

absl::StatusOr<StandingAnswer> AnswerOf(const Consent::State& s,
                                        const PersonState& person,
                                        const StoredRequest& request,
                                        absl::Time now) {
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(request.agreement, request.version);
  if (agreement == nullptr) {
    return absl::DataLossError("a request's agreement is missing");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(person.shard, person.id, RowKind::kStanding));
  const std::function<bool(std::string_view)> is_ordinary =
      [&s](std::string_view attribute) {
        return s.parts.ranks != nullptr && s.parts.ranks->IsOrdinary(attribute);
      };
  const AskedOf asked{*agreement, request.lines, s.parts.purposes, is_ordinary,
                      now};
  StandingAnswer out;
  for (const PersonalRow& row : rows) {
    if (row.state == kStandingEnded) continue;
    LIMPID_ASSIGN_OR_RETURN(HeldStanding held, OpenStanding(person.key, row));
    if (held.ended != absl::UnixEpoch() || now >= held.terms.until) continue;
    std::optional<Mismatch> why = MismatchOf(held.terms, asked);
    if (!why) why = MismatchOfRequest(s, person, request, *agreement, now);
    if (!why) {
      out.granted = std::move(held);
      out.mismatch = 0;
      return out;
    }
    // The one that came furthest says most.
    out.mismatch = std::max(out.mismatch, static_cast<std::uint8_t>(*why));
  }
  return out;
}

void GrantUnder(const HeldStanding& held, const Agreement& agreement,
                PersonState& person, LiveRecord& record, Batch& batch) {
  auto next = NextRevision(record.revision, RecordEvent::kGrant,
                           receipt::Actor::kSystem, batch.time());
  // Invariant: a record that was just requested can be granted.
  LIMPID_CHECK(next.ok());
  next->lines = GrantedLines(record.asked_lines, agreement);
  next->evidence = Evidence::kKey;
  next->from = absl::FromUnixMillis(absl::ToUnixMillis(batch.time()));
  next->until =
      std::min(next->from + absl::Hours(24) * agreement.content.validity_days,
               held.terms.until);
  const auto& notices = agreement.content.notices;
  const auto notice = std::find_if(notices.begin(), notices.end(),
                                   [&](const LocalizedText& one) {
                                     return one.language == held.terms.language;
                                   });
  LIMPID_CHECK(notice != notices.end());
  next->notice_hash = NoticeHash(notice->text);
  // No device took part: there is no key of this record.
  next->grant_key = {};
  next->statement_hash =
      crypto::Sha256(receipt::StandingSigningInput(held.canonical_json));
  next->signature = held.signature;
  next->reason = absl::StrCat("standing permission: ", held.id.Text());
  receipt::AccessEntry entry;
  entry.kind = next->event;
  entry.actor = next->actor;
  entry.service = next->service.bytes();
  entry.record = next->record.bytes();
  entry.revision = next->number;
  entry.basis = agreement.content.basis;
  entry.purpose = agreement.content.purposes.front();
  entry.lines = LinesOf(*next, agreement, receipt::Reason::kReleased);
  record.receipt_sequence = batch.Append(person, std::move(entry)).sequence;
  record.statement = held.canonical_json;
  record.standing = held.id;
  batch.Apply(person, record, *std::move(next), RecordEvent::kGrant, agreement);
}

}  // namespace limpid::consent
