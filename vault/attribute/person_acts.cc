#include "vault/attribute/person_acts.h"

#include <utility>

#include "common/base/status_macros.h"

namespace limpid::vault {

DoneAct Done(const ActRow& row) {
  const absl::Time time = absl::FromUnixMillis(row.time_ms);
  return {row.version, time, row.commitment, time + kLogPromise};
}

absl::StatusOr<DoneAct> ActOf(const VaultReads& reads, const AttributeRow& row,
                              ActKind kind) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto act,
      reads.FindAct({row.owner, row.name_key, row.version, kind}));
  if (!act) return absl::DataLossError("a row has no act in the vault's log");
  return Done(*act);
}

absl::Status LogPersonKey(VaultTransaction& transaction, const ActWriter& acts,
                          const Owner& owner, const PersonKey& key,
                          absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto recorded,
      transaction.FindAct({owner, NameKey(), key.generation, ActKind::kKey}));
  if (recorded) return absl::OkStatus();
  Act act;
  act.kind = ActKind::kKey;
  act.value_version = key.generation;
  act.key_id = key.id;
  act.time = now;
  return acts.Append(transaction, std::move(act), owner, NameKey(), &key)
      .status();
}

}  // namespace limpid::vault
