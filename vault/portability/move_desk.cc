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
  LIMPID_ASSIGN_OR_RETURN(Act act, core.acts().OpenAct(key, row));
  return NewOperator{std::move(act.attribute), act.body};
}

absl::Status OtherNumber() {
  return absl::AbortedError(
      "number: is not that of your next move, or of the one that stands; ask "
      "again and sign anew");
}

}  // namespace

base::Bytes MoveStatement(const SourceId& source, std::uint64_t number,
                          const std::optional<NewOperator>& to,
                          absl::Time time) {
  const NewOperator none;
  const NewOperator& named = to ? *to : none;
  base::ByteWriter out("limpid/vault/move/2");
  return out.Raw(source.bytes())
      .U64(number)
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
      !caller.key.Verify(
          MoveStatement(core_.identity().source, declaration.number,
                        declaration.to, declaration.time),
          declaration.signature)) {
    return absl::InvalidArgumentError(
        "signature: not yours, or not of the last five minutes");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<DoneAct>> MoveDesk::Repeat(
    const VaultReads& reads, const Owner& owner, std::uint64_t last,
    const MoveDeclaration& declaration) const {
  if (!declaration.to) {
    return RepeatBack(reads, owner, last, declaration.number);
  }
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t stands,
                          MoveInForce(reads, owner));
  if (stands == 0) {
    if (last >= kMostMoves) {
      return absl::ResourceExhaustedError(
          absl::StrCat("you declared ", kMostMoves,
                       " moves here, which is the most; ask the operator"));
    }
    if (declaration.number != last + 1) return OtherNumber();
    return std::nullopt;
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto row, reads.FindAct({owner, NameKey(), last, ActKind::kMove}));
  if (!row) return absl::DataLossError("an act is gone");
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          core_.keys().Find(owner, row->generation));
  LIMPID_ASSIGN_OR_RETURN(const NewOperator there, Read(core_, *key, *row));
  if (there == *declaration.to && declaration.number == last) return Done(*row);
  return absl::FailedPreconditionError(
      "you moved to another operator already: take that back first");
}

absl::StatusOr<std::optional<DoneAct>> MoveDesk::RepeatBack(
    const VaultReads& reads, const Owner& owner, std::uint64_t last,
    std::uint64_t number) {
  if (last == 0) {
    return absl::FailedPreconditionError("you did not move away from here");
  }
  if (number != last) return OtherNumber();
  LIMPID_ASSIGN_OR_RETURN(
      const auto back,
      reads.FindAct({owner, NameKey(), last, ActKind::kMoveBack}));
  if (!back) return std::nullopt;
  return Done(*back);
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
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t last,
                                LastMove(transaction, owner));
        LIMPID_ASSIGN_OR_RETURN(const auto earlier,
                                Repeat(transaction, owner, last, declaration));
        if (earlier) {
          done = *earlier;
          return absl::OkStatus();
        }
        LIMPID_RETURN_IF_ERROR(
            LogPersonKey(transaction, core_.acts(), owner, key, now));
        Act act;
        act.kind = declaration.to ? ActKind::kMove : ActKind::kMoveBack;
        act.value_version = declaration.number;
        act.time = now;
        if (declaration.to) {
          act.attribute = declaration.to->name;
          act.body = declaration.to->evidence_key;
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

absl::StatusOr<Whereabouts> MoveDesk::Get(const PersonCaller& caller) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  Whereabouts out;
  LIMPID_ASSIGN_OR_RETURN(out.to, MovedTo(core_, owner));
  LIMPID_ASSIGN_OR_RETURN(out.last_number, LastMove(core_.store(), owner));
  return out;
}

}  // namespace limpid::vault
