#include "clients/cpp/embargo_client.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/entry_check.h"
#include "clients/cpp/paging.h"
#include "clients/cpp/person_client.h"
#include "clients/cpp/wire_time.h"
#include "common/base/status_macros.h"
#include "common/receipt/access_entry.h"
#include "common/tlog/leaf.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_EMBARGO "/limpid.consent.v1.PersonEmbargoService/"
constexpr Method kListTold = {LIMPID_EMBARGO "ListToldAccesses", true};
constexpr Method kListOpenings = {LIMPID_EMBARGO "ListEmbargoOpenings", true};
#undef LIMPID_EMBARGO
constexpr Method kGetRecord = {
    "/limpid.consent.v1.PersonConsentService/GetRecord", true};
constexpr int kPageSize = 200;

absl::Status Malformed() {
  return absl::DataLossError("an answer about an embargo is malformed");
}

template <std::size_t N>
absl::Status Read(const std::string& text, base::ByteArray<N>& out) {
  const auto bytes = base::ToArray<N>(base::AsBytes(text));
  if (!bytes.ok()) return Malformed();
  out = *bytes;
  return absl::OkStatus();
}

absl::StatusOr<receipt::ShownEntry> Shown(const v1::EmbargoOpening& shown) {
  receipt::ShownEntry out;
  out.sequence = shown.sequence();
  if (shown.entry().empty()) return out;
  out.entry = base::ToBytes(base::AsBytes(shown.entry()));
  LIMPID_RETURN_IF_ERROR(Read(shown.opening(), out.opening));
  for (const v1::EmbargoStep& step : shown.steps()) {
    receipt::EmbargoStep& to = out.steps.emplace_back();
    LIMPID_RETURN_IF_ERROR(Read(step.opening(), to.opening));
    to.message = base::ToBytes(base::AsBytes(step.message()));
  }
  return out;
}

absl::StatusOr<receipt::ToldEntry> Told(const v1::ToldAccess& told) {
  receipt::ToldEntry out;
  LIMPID_RETURN_IF_ERROR(Read(told.log(), out.log));
  if (told.embargo_days() > receipt::kMaxEmbargoDays) return Malformed();
  out.days = static_cast<std::uint16_t>(told.embargo_days());
  out.until = TimeOf(told.until_time());
  out.entry = base::ToBytes(base::AsBytes(told.entry()));
  LIMPID_RETURN_IF_ERROR(Read(told.opening(), out.opening));
  const auto entry = receipt::AccessEntry::Decode(out.entry);
  // What is judged is what is shown.
  if (!entry.ok() || !ShowsEntry(told.access(), *entry) ||
      base::ToText(tlog::CommitmentLeaf(
          tlog::LeafKind::kAccess,
          receipt::CommitAccessEntry(out.opening, out.entry))) !=
          told.access().leaf()) {
    return absl::DataLossError(
        "an access that was under embargo says something else than its entry");
  }
  return out;
}

// Puts at each read what the completions of its chain say of it. A minute after
// its date they are there, or the source never said.
void JoinOutcomes(std::vector<v1::ToldAccess>& told, absl::Time now) {
  std::map<std::pair<std::string, std::uint64_t>, v1::AccessOutcome> said;
  for (const v1::ToldAccess& one : told) {
    for (const v1::AccessCompletion& completed : one.access().completions()) {
      said[{one.log(), completed.sequence()}] = completed.outcome();
    }
  }
  for (v1::ToldAccess& one : told) {
    v1::AccessEntry& access = *one.mutable_access();
    // What the chain says, not what the answer does.
    access.clear_outcome();
    if (access.kind() != v1::ACCESS_KIND_RELEASE_DECIDED) continue;
    const auto at = said.find({one.log(), access.sequence()});
    if (at != said.end()) {
      access.set_outcome(at->second);
    } else if (now > TimeOf(one.until_time()) + absl::Minutes(1)) {
      access.set_outcome(v1::ACCESS_OUTCOME_UNFINISHED);
    }
  }
}

// Puts beside each entry the commitment that the checked chain has for it.
absl::Status Join(const LogCheck& log,
                  std::vector<receipt::ShownEntry>& visible) {
  std::map<std::uint64_t, base::Digest32> commitments;
  for (const receipt::ChainLink& link : log.links) {
    commitments[link.sequence] = link.commitment;
  }
  std::uint64_t expected = 1;
  for (receipt::ShownEntry& shown : visible) {
    const auto at = commitments.find(shown.sequence);
    if (shown.sequence != expected++ || at == commitments.end()) {
      return absl::DataLossError(absl::StrCat(
          "entry ", expected - 1, " of your log is not shown whole"));
    }
    shown.commitment = at->second;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<v1::ToldAccess>> EmbargoClient::ListTold() {
  v1::ListToldAccessesRequest request;
  request.set_page_size(kPageSize);
  std::vector<v1::ToldAccess> out;
  PageWalk walk(EmptyPage::kEnds);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(auto page, Invoke<v1::ListToldAccessesResponse>(
                                           connection_, kListTold, request));
    for (v1::ToldAccess& one : *page.mutable_accesses()) {
      out.push_back(std::move(one));
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.accesses_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<std::vector<receipt::ShownEntry>> EmbargoClient::ListOpenings() {
  v1::ListEmbargoOpeningsRequest request;
  request.set_page_size(kPageSize);
  std::vector<receipt::ShownEntry> out;
  PageWalk walk(EmptyPage::kEnds);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            Invoke<v1::ListEmbargoOpeningsResponse>(
                                connection_, kListOpenings, request));
    for (const v1::EmbargoOpening& one : page.openings()) {
      LIMPID_ASSIGN_OR_RETURN(out.emplace_back(), Shown(one));
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.openings_size())));
    request.set_page_token(page.next_page_token());
  }
  std::reverse(out.begin(), out.end());
  return out;
}

absl::Status EmbargoClient::ReadAgreements(
    const std::vector<v1::ToldAccess>& told,
    std::vector<receipt::ToldEntry>& entries) {
  std::map<std::string, v1::AgreementContent> agreed;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const std::string& id = told[i].access().record_id();
    const auto [at, added] = agreed.try_emplace(id);
    if (added) {
      v1::GetRecordRequest request;
      request.set_record_id(id);
      LIMPID_ASSIGN_OR_RETURN(
          auto shown,
          Invoke<v1::GetRecordResponse>(connection_, kGetRecord, request));
      LIMPID_RETURN_IF_ERROR(CheckAgreement(shown.agreement()));
      if (shown.record().record_id() != id ||
          shown.record().agreement_hash() != shown.agreement().hash()) {
        return absl::DataLossError(
            "the answer shows another consent or agreement");
      }
      at->second = std::move(*shown.mutable_agreement()->mutable_content());
    }
    entries[i].agreed_days = at->second.embargo_days();
    // The same numbers.
    entries[i].agreed_basis =
        static_cast<receipt::LegalBasis>(at->second.legal_basis());
  }
  return absl::OkStatus();
}

absl::StatusOr<EmbargoCheck> EmbargoClient::Check(
    const receipt::LogHead* kept, const crypto::Ed25519PublicKey& own_key,
    absl::Time now) {
  // Told, then what the log opens to, then told again: whatever is told while
  // this goes on is in the second list alone.
  LIMPID_ASSIGN_OR_RETURN(const auto before, ListTold());
  std::set<std::string> known;
  for (const v1::ToldAccess& one : before) known.insert(one.access().leaf());
  LIMPID_ASSIGN_OR_RETURN(auto visible, ListOpenings());
  EmbargoCheck out;
  LIMPID_ASSIGN_OR_RETURN(out.told, ListTold());
  LIMPID_ASSIGN_OR_RETURN(out.log,
                          LogClient(connection_, trust_).Check(kept, own_key));
  LIMPID_RETURN_IF_ERROR(Join(out.log, visible));
  std::vector<receipt::ToldEntry> told;
  for (const v1::ToldAccess& one : out.told) {
    LIMPID_ASSIGN_OR_RETURN(told.emplace_back(), Told(one));
    told.back().late = !known.contains(one.access().leaf());
  }
  LIMPID_RETURN_IF_ERROR(ReadAgreements(out.told, told));
  out.findings = receipt::CheckEmbargo(visible, told, now);
  JoinOutcomes(out.told, now);
  return out;
}

}  // namespace limpid::client
