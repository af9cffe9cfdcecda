#include "vault/erasure/hold_desk.h"

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kActLabel = "limpid/vault/hold-act/1";

absl::Status NoSuchHold() {
  return absl::NotFoundError("there is no such hold that stands");
}

}  // namespace

absl::Status HoldDesk::Log(VaultTransaction& transaction, const HoldRow& row,
                           std::string_view what) const {
  base::ByteWriter said(kActLabel);
  Act act;
  act.kind = ActKind::kAdmin;
  act.key_id = row.id;
  act.body = crypto::Sha256(said.Lp(what).Raw(row.id).Lp(row.sealed).bytes());
  act.time = core_.clock().Now();
  return core_.acts()
      .Append(transaction, std::move(act), row.owner, NameKey(), nullptr)
      .status();
}

absl::Status HoldDesk::CheckNotGoing(const Owner& owner) const {
  LIMPID_ASSIGN_OR_RETURN(const auto owed, core_.key_store().Unfinished(owner));
  for (const Tombstone& tombstone : owed) {
    if (tombstone.kind != TombstoneKind::kPerson) continue;
    return absl::FailedPreconditionError(
        "this person asked to be erased here before, and it is being finished: "
        "her keys are gone, so there is nothing left to hold");
  }
  return absl::OkStatus();
}

absl::StatusOr<PlacedHold> HoldDesk::Place(const HolderId& holder,
                                           const Hold& hold) {
  if (hold.reason.empty() || hold.reason.size() > Hold::kMaxReasonBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("reason: 1 to ", Hold::kMaxReasonBytes, " bytes"));
  }
  const Owner owner = core_.blinder().OwnerOf(holder);
  LIMPID_ASSIGN_OR_RETURN(const PersonLock::Held lock,
                          eraser_.LockOf(owner).TakeWithin());
  LIMPID_RETURN_IF_ERROR(CheckNotGoing(owner));
  HoldRow row;
  core_.random().Fill(row.id);
  row.owner = owner;
  row.placed_ms = absl::ToUnixMillis(core_.clock().Now());
  row.sealed = SealHold(core_.identity(), core_.keys().suite(), eraser_.key(),
                        row, hold, core_.random());
  const absl::Status written =
      core_.store().Write([&](VaultTransaction& transaction) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const auto erased,
            transaction.FindAct({owner, NameKey(), 0, ActKind::kDestroy}));
        if (erased) {
          return absl::FailedPreconditionError("this person was erased here");
        }
        LIMPID_ASSIGN_OR_RETURN(const PersonCount count,
                                transaction.erasure().Count(owner));
        // Who keeps sealed values alone has no row of those counted, but acts.
        if (count.rows == 0 && count.acts == 0) {
          return absl::NotFoundError("nothing of such a person is here");
        }
        LIMPID_RETURN_IF_ERROR(transaction.erasure().InsertHold(row));
        return Log(transaction, row, "placed");
      });
  if (!written.ok()) return written;
  return OpenHold(core_.identity(), eraser_.key(), row);
}

absl::StatusOr<PlacedHold> HoldDesk::Lift(const HoldId& id) {
  HoldRow row;
  const absl::Status written =
      core_.store().Write([&](VaultTransaction& transaction) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto found,
                                transaction.erasure().FindHold(id));
        if (!found || found->lifted_ms != 0) return NoSuchHold();
        row = *found;
        row.lifted_ms = absl::ToUnixMillis(core_.clock().Now());
        LIMPID_RETURN_IF_ERROR(
            transaction.erasure().LiftHold(id, row.lifted_ms));
        return Log(transaction, row, "lifted");
      });
  if (!written.ok()) return written;
  return OpenHold(core_.identity(), eraser_.key(), row);
}

absl::StatusOr<std::vector<PlacedHold>> HoldDesk::List(
    const HolderId& holder) const {
  std::vector<HoldRow> rows;
  LIMPID_RETURN_IF_ERROR(
      core_.store().ReadErasure([&](const ErasureReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(rows,
                                reads.Holds(core_.blinder().OwnerOf(holder)));
        return absl::OkStatus();
      }));
  std::vector<PlacedHold> out;
  out.reserve(rows.size());
  for (const HoldRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(out.emplace_back(),
                            OpenHold(core_.identity(), eraser_.key(), row));
  }
  return out;
}

}  // namespace limpid::vault
