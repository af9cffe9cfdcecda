#include "vault/recovery/recovery_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "vault/attribute/act_rate.h"
#include "vault/log/act.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kStartLabel = "limpid/vault/recovery-start/1";
constexpr std::string_view kAllowLabel = "limpid/vault/recovery-allow/1";

absl::Time AtMillis(std::int64_t millis) {
  return absl::FromUnixMillis(millis);
}

RecoveryPhase PhaseOf(const RecoveryRow& row, absl::Time now) {
  if (row.number == 0) return RecoveryPhase::kNone;
  switch (row.state) {
    case RecoveryState::kHandedOut:
      return RecoveryPhase::kHandedOut;
    case RecoveryState::kCancelled:
      return RecoveryPhase::kCancelled;
    case RecoveryState::kStarted:
      break;
  }
  if (now < AtMillis(row.open_ms)) return RecoveryPhase::kWaiting;
  return now < AtMillis(row.close_ms) ? RecoveryPhase::kOpen
                                      : RecoveryPhase::kOver;
}

// Whether it can still come to a body, or be cancelled.
bool Runs(const RecoveryRow& row, absl::Time now) {
  return row.number > 0 && row.state != RecoveryState::kCancelled &&
         now < AtMillis(row.close_ms);
}

bool Barred(const RecoveryRow& row) {
  return row.cancels >= RecoveryDesk::kMostCancels;
}

SlotRecovery Describe(const RecoveryRow& row, absl::Time now,
                      const base::Digest32& commitment) {
  SlotRecovery out;
  out.slot_id = row.slot_id;
  out.commitment = commitment;
  out.phase = PhaseOf(row, now);
  out.cancels = row.cancels;
  out.barred = Barred(row);
  if (row.number == 0) return out;
  out.number = row.number;
  out.start = AtMillis(row.start_ms);
  out.open = AtMillis(row.open_ms);
  out.close = AtMillis(row.close_ms);
  if (row.end_ms != 0) out.end = AtMillis(row.end_ms);
  if (row.handed_out_ms != 0) out.handed_out = AtMillis(row.handed_out_ms);
  return out;
}

// The body of the act that starts a recovery.
base::Digest32 StartHash(const RecoveryRow& row) {
  base::ByteWriter writer(kStartLabel);
  return crypto::Sha256(writer.Raw(row.slot_id)
                            .U64(row.number)
                            .U64(static_cast<std::uint64_t>(row.start_ms))
                            .U64(static_cast<std::uint64_t>(row.open_ms))
                            .U64(static_cast<std::uint64_t>(row.close_ms))
                            .bytes());
}

RecoveryRow RowOf(const std::vector<RecoveryRow>& rows, const Owner& owner,
                  const SlotId& slot_id) {
  const auto found = std::find_if(
      rows.begin(), rows.end(),
      [&](const RecoveryRow& row) { return row.slot_id == slot_id; });
  if (found != rows.end()) return *found;
  RecoveryRow out;
  out.owner = owner;
  out.slot_id = slot_id;
  return out;
}

absl::Status NotTheNewest() {
  return absl::FailedPreconditionError(
      "number: is not the newest recovery of this slot");
}

absl::Status NoRecovery(const RecoveryRow& row, absl::Time now) {
  if (row.number == 0) {
    return absl::FailedPreconditionError("no recovery was started");
  }
  if (row.state == RecoveryState::kCancelled) {
    return absl::FailedPreconditionError("the recovery was cancelled");
  }
  if (now < AtMillis(row.open_ms)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the recovery waits until ",
                     absl::FormatTime("%Y-%m-%d %H:%M", AtMillis(row.open_ms),
                                      absl::UTCTimeZone()),
                     " UTC"));
  }
  return absl::FailedPreconditionError(
      "the recovery is over: nobody asked in time; start another");
}

// The act of a recovery that was logged before.
absl::StatusOr<DoneAct> Earlier(const VaultReads& reads, const RecoveryRow& row,
                                ActKind kind) {
  LIMPID_ASSIGN_OR_RETURN(const auto act, reads.FindAct({row.owner, row.slot_id,
                                                         row.number, kind}));
  if (act) return Done(*act);
  return absl::DataLossError("a recovery has no act in the vault's log");
}

}  // namespace

base::Bytes AllowStatement(const SourceId& source, const HolderId& holder,
                           const SlotId& slot_id, std::uint64_t number) {
  base::ByteWriter writer(kAllowLabel);
  return writer.Raw(source.bytes())
      .Raw(holder.bytes())
      .Raw(slot_id)
      .U64(number)
      .Take();
}

absl::StatusOr<std::vector<SlotRecovery>> RecoveryDesk::List(
    const PersonCaller& caller) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  LIMPID_ASSIGN_OR_RETURN(const auto slots,
                          core_.key_store().List(owner, Custody::kSealed));
  LIMPID_ASSIGN_OR_RETURN(const auto rows, core_.store().Recoveries(owner));
  const absl::Time now = core_.clock().Now();
  std::vector<SlotRecovery> out;
  for (const SlotRow& slot : slots) {
    if (slot.slot_kind != SlotKind::kRecovery) continue;
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes body,
                            core_.keys().UnwrapBody(slot));
    const auto parts = ReadRecoveryBody(body);
    const RecoveryRow row = RowOf(rows, owner, slot.slot_id);
    SlotRecovery& one = out.emplace_back(
        Describe(row, now, parts.ok() ? parts->commitment : base::Digest32()));
    LIMPID_ASSIGN_OR_RETURN(const bool foregone,
                            IsForegone(core_.store(), row));
    if (foregone) one.phase = RecoveryPhase::kOver;
  }
  return out;
}

absl::StatusOr<RecoveryDesk::Opened> RecoveryDesk::Open(
    const PersonCaller& caller, const SlotId& slot_id) {
  LIMPID_ASSIGN_OR_RETURN(
      auto slots, core_.key_store().List(core_.blinder().OwnerOf(caller.holder),
                                         Custody::kSealed));
  const auto found =
      std::find_if(slots.begin(), slots.end(), [&](const SlotRow& slot) {
        return slot.slot_kind == SlotKind::kRecovery && slot.slot_id == slot_id;
      });
  if (found == slots.end()) {
    return absl::NotFoundError("you have no such recovery slot");
  }
  Opened out;
  out.row = std::move(*found);
  LIMPID_ASSIGN_OR_RETURN(out.body, core_.keys().UnwrapBody(out.row));
  auto parts = ReadRecoveryBody(out.body);
  if (!parts.ok()) {
    return absl::FailedPreconditionError(
        "this slot is of a form that nobody can recover through; make the "
        "guardians' shares again");
  }
  out.parts = *std::move(parts);
  return out;
}

absl::StatusOr<RecoveryDone> RecoveryDesk::Do(const Opened& slot, Work work) {
  const Owner& owner = slot.row.owner;
  const absl::Time now = AtMillis(absl::ToUnixMillis(core_.clock().Now()));
  RecoveryDone out;
  const absl::Status written = WriteUnderKey(
      core_, owner, now,
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto rows, transaction.Recoveries(owner));
        const RecoveryRow before = RowOf(rows, owner, slot.row.slot_id);
        RecoveryRow row = before;
        LIMPID_ASSIGN_OR_RETURN(
            out.act, work({transaction, key, slot.row.key_id, now}, row));
        if (row != before) {
          LIMPID_RETURN_IF_ERROR(transaction.PutRecovery(row));
        }
        out.recovery = Describe(row, now, slot.parts.commitment);
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return out;
}

absl::StatusOr<DoneAct> RecoveryDesk::Log(const Change& change,
                                          const RecoveryRow& row, ActKind kind,
                                          const base::Digest32& body) {
  LIMPID_RETURN_IF_ERROR(LogPersonKey(change.transaction, core_.acts(),
                                      row.owner, change.key, change.now));
  Act act;
  act.kind = kind;
  act.value_version = row.number;
  act.key_id = change.sealed_key;
  act.body = body;
  act.time = change.now;
  LIMPID_ASSIGN_OR_RETURN(
      const ActRow logged,
      core_.acts().Append(change.transaction, std::move(act), row.owner,
                          row.slot_id, &change.key));
  return Done(logged);
}

absl::StatusOr<RecoveryDone> RecoveryDesk::Start(const PersonCaller& caller,
                                                 const SlotId& slot_id) {
  // A time that is reckoned may be far behind: the delay would be over as soon
  // as the clock is put right.
  if (!core_.clock().Believed()) {
    return absl::UnavailableError(
        "the server doubts its clock and cannot count the delay; try later");
  }
  LIMPID_ASSIGN_OR_RETURN(const Opened slot, Open(caller, slot_id));
  return Do(
      slot,
      [&](const Change& change, RecoveryRow& row) -> absl::StatusOr<DoneAct> {
        LIMPID_ASSIGN_OR_RETURN(const bool foregone,
                                IsForegone(change.transaction, row));
        if (Runs(row, change.now) && !foregone) {
          return Earlier(change.transaction, row, ActKind::kRecoveryStart);
        }
        if (Barred(row)) {
          return absl::FailedPreconditionError(
              "recoveries through this slot were cancelled twice; only a "
              "device that opens your sealed values can allow another");
        }
        LIMPID_RETURN_IF_ERROR(CheckActRate(change.transaction, row.owner,
                                            ActKind::kRecoveryStart,
                                            change.now));
        ++row.number;
        row.state = RecoveryState::kStarted;
        row.start_ms = absl::ToUnixMillis(change.now);
        row.open_ms = absl::ToUnixMillis(change.now + delay_);
        row.close_ms = absl::ToUnixMillis(change.now + delay_ + kOpenFor);
        row.end_ms = 0;
        return Log(change, row, ActKind::kRecoveryStart, StartHash(row));
      });
}

absl::StatusOr<bool> RecoveryDesk::IsForegone(const VaultReads& reads,
                                              const RecoveryRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t lost, reads.LastLostAct());
  if (lost == 0 || row.number == 0) return false;
  LIMPID_ASSIGN_OR_RETURN(const auto start,
                          reads.FindAct({row.owner, row.slot_id, row.number,
                                         ActKind::kRecoveryStart}));
  return start && start->counter < lost;
}

absl::Status RecoveryDesk::CheckLogged(const VaultReads& reads,
                                       const RecoveryRow& row) {
  const absl::Status apart =
      absl::DataLossError("a recovery is not what the vault's log says of it");
  LIMPID_ASSIGN_OR_RETURN(const auto start,
                          reads.FindAct({row.owner, row.slot_id, row.number,
                                         ActKind::kRecoveryStart}));
  if (!start) return apart;
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          core_.keys().Find(row.owner, start->generation));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                          core_.acts().OpenDisclosure(*key, *start));
  LIMPID_ASSIGN_OR_RETURN(const Disclosure disclosure,
                          Disclosure::Decode(opened));
  LIMPID_ASSIGN_OR_RETURN(const Act act, Act::Decode(disclosure.encoded_act));
  LIMPID_ASSIGN_OR_RETURN(const auto cancelled,
                          reads.FindAct({row.owner, row.slot_id, row.number,
                                         ActKind::kRecoveryCancel}));
  const bool fits = act.kind == ActKind::kRecoveryStart &&
                    act.value_version == row.number &&
                    act.body == StartHash(row) && !cancelled;
  return fits ? absl::OkStatus() : apart;
}

absl::StatusOr<HandedOutSlot> RecoveryDesk::HandOut(const PersonCaller& caller,
                                                    const SlotId& slot_id) {
  LIMPID_ASSIGN_OR_RETURN(Opened slot, Open(caller, slot_id));
  auto done = Do(
      slot,
      [&](const Change& change, RecoveryRow& row) -> absl::StatusOr<DoneAct> {
        if (!Runs(row, change.now) || change.now < AtMillis(row.open_ms)) {
          return NoRecovery(row, change.now);
        }
        LIMPID_ASSIGN_OR_RETURN(const bool foregone,
                                IsForegone(change.transaction, row));
        if (foregone) {
          return absl::FailedPreconditionError(
              "the vault was put back from an older copy since the recovery "
              "was "
              "started, and whether it was cancelled is not known; start "
              "another");
        }
        LIMPID_RETURN_IF_ERROR(CheckLogged(change.transaction, row));
        if (row.state == RecoveryState::kHandedOut) {
          return Earlier(change.transaction, row, ActKind::kRecoveryHandOut);
        }
        row.state = RecoveryState::kHandedOut;
        row.end_ms = absl::ToUnixMillis(change.now);
        row.handed_out_ms = row.end_ms;
        return Log(change, row, ActKind::kRecoveryHandOut, base::Digest32());
      });
  if (!done.ok()) return done.status();
  return HandedOutSlot{std::move(slot.row), std::move(slot.body),
                       *std::move(done)};
}

absl::StatusOr<RecoveryDone> RecoveryDesk::Cancel(const PersonCaller& caller,
                                                  const SlotId& slot_id,
                                                  std::uint64_t number) {
  LIMPID_ASSIGN_OR_RETURN(const Opened slot, Open(caller, slot_id));
  return Do(
      slot,
      [&](const Change& change, RecoveryRow& row) -> absl::StatusOr<DoneAct> {
        if (number == 0 || row.number != number) return NotTheNewest();
        if (row.state == RecoveryState::kCancelled) {
          return Earlier(change.transaction, row, ActKind::kRecoveryCancel);
        }
        if (!Runs(row, change.now)) return NoRecovery(row, change.now);
        row.state = RecoveryState::kCancelled;
        row.end_ms = absl::ToUnixMillis(change.now);
        ++row.cancels;
        return Log(change, row, ActKind::kRecoveryCancel, base::Digest32());
      });
}

absl::StatusOr<RecoveryDone> RecoveryDesk::Allow(const PersonCaller& caller,
                                                 const SlotId& slot_id,
                                                 std::uint64_t number,
                                                 base::ByteView signature) {
  LIMPID_ASSIGN_OR_RETURN(const Opened slot, Open(caller, slot_id));
  if (!slot.parts.voice.Verify(AllowStatement(core_.identity().source,
                                              caller.holder, slot_id, number),
                               signature)) {
    return absl::InvalidArgumentError(
        "signature: is not of your sealed key over this recovery");
  }
  return Do(
      slot,
      [&](const Change& change, RecoveryRow& row) -> absl::StatusOr<DoneAct> {
        if (number == 0 || row.number != number) return NotTheNewest();
        LIMPID_ASSIGN_OR_RETURN(
            const auto earlier,
            change.transaction.FindAct(
                {row.owner, row.slot_id, row.number, ActKind::kRecoveryAllow}));
        if (earlier) return Done(*earlier);
        if (!Barred(row)) {
          return absl::FailedPreconditionError(
              "recoveries through this slot are not barred");
        }
        row.cancels = 0;
        return Log(change, row, ActKind::kRecoveryAllow,
                   crypto::Sha256(signature));
      });
}

}  // namespace limpid::vault
