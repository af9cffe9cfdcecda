#include "consent/log/entry_reader.h"

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::consent {
namespace {

bool IsWhole(const absl::StatusOr<OpenedEntryRow>& opened) {
  return opened.ok() && (opened->content || opened->erasure);
}

}  // namespace

absl::StatusOr<EntryReader> EntryReader::Make(Consent::State& state,
                                              const PersonId& person) {
  LIMPID_RETURN_IF_ERROR(state.KeyOf(person).status());
  return MakeForAudit(state, person);
}

absl::StatusOr<EntryReader> EntryReader::MakeForAudit(Consent::State& state,
                                                      const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(PersonKey key, state.person_keys.Get(person));
  EntryReader out(state, person, std::move(key));
  LIMPID_RETURN_IF_ERROR(out.ReadLogKey());
  return out;
}

absl::Status EntryReader::ReadLogKey() {
  auto log_key = state_.person_keys.LogKeyOf(person_);
  if (absl::IsNotFound(log_key.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(log_key.status());
  log_key_ = *std::move(log_key);
  return absl::OkStatus();
}

absl::StatusOr<OpenedEntryRow> EntryReader::Open(const PersonalRow& row) {
  auto opened = OpenEntryRow(*key_, log_key_.get(), row);
  if (IsWhole(opened)) return opened;
  // Row and key may be from before and after an erasure.
  LIMPID_RETURN_IF_ERROR(ReadLogKey());
  LIMPID_ASSIGN_OR_RETURN(const auto now, state_.parts.store.Get(row.key));
  return OpenEntryRow(*key_, log_key_.get(), now ? *now : row);
}

}  // namespace limpid::consent
