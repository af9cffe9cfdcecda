#include "vault/portability/move_desk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::vault {
namespace {

// What an act says, in its disclosure.
absl::StatusOr<NewOperator> Read(const VaultCore& core, const PersonKey& key,
                                 const ActRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                          core.acts().OpenDisclosure(key, row));
  LIMPID_ASSIGN_OR_RETURN(const Disclosure disclosure,
                          Disclosure::Decode(opened));
  LIMPID_ASSIGN_OR_RETURN(Act act, Act::Decode(disclosure.encoded_act));
  return NewOperator{std::move(act.attribute), act.body};
}

}  // namespace

base::Bytes MoveStatement(const SourceId& source,
                          const std::optional<NewOperator>& to,
                          absl::Time time) {
  const NewOperator none;
  const NewOperator& named = to ? *to : none;
  base::ByteWriter out("limpid/vault/move/1");
  return out.Raw(source.bytes())
      .Lp(named.name)
      .Raw(named.evidence_key)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)))
      .Take();
}

absl::StatusOr<std::optional<NewOperator>> MovedTo(VaultCore& core,
                                                   const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t move,
                          MoveInForce(core.store(), owner));
  if (move == 0) return std::nullopt;
  LIMPID_ASSIGN_OR_RETURN(
      auto row, core.store().FindAct({owner, NameKey(), move, ActKind::kMove}));
  // Erased with everything of hers since.
  if (!row) return std::nullopt;
  const auto key = core.KeyOf(*row);
  if (absl::IsNotFound(key.status())) return std::nullopt;
  LIMPID_RETURN_IF_ERROR(key.status());
  LIMPID_ASSIGN_OR_RETURN(NewOperator to, Read(core, **key, *row));
  return to;
}

absl::Status MoveDesk::Check(const PersonCaller& caller,
                             const MoveDeclaration& declaration) const {
  if (declaration.to) {
    const std::string& name = declaration.to->name;
    if (name.empty() || name.size() > kMaxOperatorNameBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "operator_name: must have 1 to ", kMaxOperatorNameBytes, " bytes"));
    }
    if (name == core_.identity().operator_name) {
      return absl::InvalidArgumentError("operator_name: is this operator");
    }
  }
  const absl::Duration off = core_.clock().Now() - declaration.time;
  if (absl::AbsDuration(off) > MoveDeclaration::kMostSkew ||
      !caller.key.Verify(MoveStatement(core_.identity().source, declaration.to,
                                       declaration.time),
                         declaration.signature)) {
    return absl::InvalidArgumentError(
        "signature: not yours, or not of the last five minutes");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<DoneAct>> MoveDesk::Repeat(
    const VaultReads& reads, const Owner& owner, std::uint64_t in_force,
    const std::optional<NewOperator>& to) const {
  if (!to) {
    if (in_force != 0) return std::nullopt;
    return absl::FailedPreconditionError("you did not move away from here");
  }
  if (in_force == 0) return std::nullopt;
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      reads.FindAct({owner, NameKey(), in_force, ActKind::kMove}));
  if (!row) return absl::DataLossError("an act is gone");
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          core_.keys().Find(owner, row->generation));
  LIMPID_ASSIGN_OR_RETURN(const NewOperator there, Read(core_, *key, *row));
  if (there == *to) return Done(*row);
  return absl::FailedPreconditionError(
      "you moved to another operator already: take that back first");
}

absl::StatusOr<DoneAct> MoveDesk::Declare(const PersonCaller& caller,
                                          const MoveDeclaration& declaration) {
  LIMPID_RETURN_IF_ERROR(Check(caller, declaration));
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  DoneAct done;
  const absl::Status written = WriteUnderKey(
      core_, owner, now,
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t move,
                                MoveInForce(transaction, owner));
        LIMPID_ASSIGN_OR_RETURN(
            const auto earlier,
            Repeat(transaction, owner, move, declaration.to));
        if (earlier) {
          done = *earlier;
          return absl::OkStatus();
        }
        LIMPID_RETURN_IF_ERROR(
            LogPersonKey(transaction, core_.acts(), owner, key, now));
        Act act;
        act.time = now;
        if (declaration.to) {
          LIMPID_ASSIGN_OR_RETURN(const std::uint64_t last,
                                  LastMove(transaction, owner));
          act.kind = ActKind::kMove;
          act.value_version = last + 1;
          act.attribute = declaration.to->name;
          act.body = declaration.to->evidence_key;
        } else {
          act.kind = ActKind::kMoveBack;
          act.value_version = move;
        }
        LIMPID_ASSIGN_OR_RETURN(const ActRow row,
                                core_.acts().Append(transaction, std::move(act),
                                                    owner, NameKey(), &key));
        done = Done(row);
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return done;
}

absl::StatusOr<std::optional<NewOperator>> MoveDesk::Get(
    const PersonCaller& caller) {
  return MovedTo(core_, core_.blinder().OwnerOf(caller.holder));
}

}  // namespace limpid::vault
