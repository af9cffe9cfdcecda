#include "consent/log/completion_writing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/receipt/access_entry.h"
#include "consent/embargo/entering.h"

namespace limpid::consent {
namespace {

// Records of one commit: it shares the sequencer's thread with the reads.
constexpr std::size_t kRecordsPerCommit = 64;

// Those of one chain in order, without those that come too late to be found.
std::vector<receipt::Completion> InOrder(std::vector<SaidOutcome>& said,
                                         std::uint16_t embargo_days,
                                         absl::Time now) {
  std::sort(said.begin(), said.end(),
            [](const SaidOutcome& left, const SaidOutcome& right) {
              return left.sequence < right.sequence;
            });
  std::vector<receipt::Completion> out;
  for (const SaidOutcome& one : said) {
    if (one.embargo_days != embargo_days) continue;
    if (now > one.decided + kCompletionWindow) continue;
    out.push_back({one.sequence, one.outcome});
  }
  return out;
}

// What became of accesses under embargo stays under the same one.
absl::Status WriteChain(const receipt::AccessEntry& like,
                        const std::vector<receipt::Completion>& said,
                        std::uint16_t embargo_days, PersonState& person,
                        Batch& batch) {
  for (std::size_t at = 0; at < said.size(); at += receipt::kMaxCompletions) {
    const std::size_t end =
        std::min(at + receipt::kMaxCompletions, said.size());
    receipt::AccessEntry entry = like;
    entry.completions.assign(said.begin() + static_cast<std::ptrdiff_t>(at),
                             said.begin() + static_cast<std::ptrdiff_t>(end));
    if (embargo_days == 0) {
      batch.Append(person, std::move(entry));
      continue;
    }
    LIMPID_RETURN_IF_ERROR(
        AppendUnderEmbargo(batch, person, std::move(entry), embargo_days)
            .status());
  }
  return absl::OkStatus();
}

absl::Status WriteOne(const Consent::State& s, SaidOfRecord& of,
                      Persons& persons, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(of.person));
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord* record,
                          persons.LoadRecord(*person, of.record));
  const Revision& revision = record->revision;
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(revision.agreement, revision.agreement_version);
  if (agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  std::set<std::uint16_t> chains;
  for (const SaidOutcome& one : of.said) chains.insert(one.embargo_days);
  receipt::AccessEntry entry;
  entry.kind = receipt::AccessKind::kAccessCompleted;
  entry.actor = receipt::Actor::kSystem;
  entry.service = revision.service.bytes();
  entry.record = of.record.bytes();
  entry.basis = agreement->content.basis;
  for (const std::uint16_t days : chains) {
    LIMPID_RETURN_IF_ERROR(WriteChain(
        entry, InOrder(of.said, days, batch.time()), days, *person, batch));
  }
  return absl::OkStatus();
}

// That a person or a record is gone is nobody's fault.
void AlarmOf(const Consent::State& state, const absl::Status& written) {
  if (written.ok() || absl::IsNotFound(written)) return;
  state.Alarm(absl::InternalError(absl::StrCat(
      "what became of accesses could not be entered: ", written.message())));
}

}  // namespace

void WriteCompletions(Consent::State& state, bool all) {
  for (;;) {
    std::vector<SaidOfRecord> due =
        state.completions->Take(kRecordsPerCommit, all);
    if (due.empty()) return;
    const std::size_t count = due.size();
    (void)state.sequencer->Call<bool>(
        [&](Persons& persons, Batch& batch) -> absl::StatusOr<bool> {
          for (SaidOfRecord& one : due) {
            // One that was erased meanwhile keeps nobody else waiting.
            AlarmOf(state, WriteOne(state, one, persons, batch));
          }
          return true;
        });
    if (count < kRecordsPerCommit) return;
  }
}

}  // namespace limpid::consent
