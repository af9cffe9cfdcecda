#include "vault/epochs/epoch_keeper.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kActLabel = "limpid/vault/epoch-act/1";

absl::Time Milliseconds(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

}  // namespace

absl::Status EpochKeeper::CheckRing() const {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<EpochUse> uses,
                          core_.key_store().EpochUses());
  const std::uint32_t current = core_.key_source().current_epoch();
  if (uses.empty() || uses.back().epoch <= current) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "keys.db has keys of epoch ", uses.back().epoch,
      " and the vault's key ring ends at epoch ", current,
      ": the ring is an older copy. Put back the newest ring (file keyring of "
      "the vault's directory); without it these keys are lost"));
}

absl::StatusOr<std::vector<EpochUse>> EpochKeeper::Dead() const {
  LIMPID_ASSIGN_OR_RETURN(std::vector<EpochUse> uses,
                          core_.key_store().EpochUses());
  const std::vector<std::uint32_t> stand = core_.key_source().epochs();
  std::erase_if(uses, [&](const EpochUse& use) {
    return std::find(stand.begin(), stand.end(), use.epoch) != stand.end();
  });
  return uses;
}

absl::StatusOr<std::optional<absl::Time>> EpochKeeper::TimeOf(
    ActKind kind, std::uint32_t epoch) const {
  LIMPID_ASSIGN_OR_RETURN(
      const auto act, core_.store().FindAct({Owner(), NameKey(), epoch, kind}));
  if (!act) return std::optional<absl::Time>();
  return std::optional(absl::FromUnixMillis(act->time_ms));
}

absl::StatusOr<std::vector<EpochState>> EpochKeeper::List() const {
  std::map<std::uint32_t, EpochState> found;
  const std::uint32_t current = core_.key_source().current_epoch();
  for (std::uint32_t epoch = 1; epoch <= current; ++epoch) found[epoch];
  for (const std::uint32_t epoch : core_.key_source().epochs()) {
    found[epoch].stands = true;
  }
  found[current].current = true;
  LIMPID_ASSIGN_OR_RETURN(const std::vector<EpochUse> uses,
                          core_.key_store().EpochUses());
  for (const EpochUse& use : uses) {
    found[use.epoch].slots = use.slots;
    found[use.epoch].copy_keys = use.copy_keys;
  }
  std::vector<EpochState> out;
  for (auto& [epoch, state] : found) {
    state.epoch = epoch;
    LIMPID_ASSIGN_OR_RETURN(state.started, TimeOf(ActKind::kEpochStart, epoch));
    LIMPID_ASSIGN_OR_RETURN(state.ended, TimeOf(ActKind::kEpochEnd, epoch));
    out.push_back(state);
  }
  return out;
}

absl::Status EpochKeeper::Log(ActKind kind, std::uint32_t epoch) const {
  return core_.store().Write(
      [&](VaultTransaction& transaction) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const auto earlier,
            transaction.FindAct({Owner(), NameKey(), epoch, kind}));
        if (earlier) return absl::OkStatus();
        Act act;
        act.kind = kind;
        act.value_version = epoch;
        act.body = crypto::Sha256(
            base::ByteWriter(kActLabel)
                .Lp(kind == ActKind::kEpochStart ? "start" : "end")
                .U32(epoch)
                .bytes());
        act.time = Milliseconds(core_.clock().Now());
        return core_.acts()
            .Append(transaction, std::move(act), Owner(), NameKey(), nullptr)
            .status();
      });
}

absl::StatusOr<std::uint32_t> EpochKeeper::Start() {
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t epoch, core_.keys().StartEpoch());
  // Killed before: StartIfDue logs it.
  LIMPID_RETURN_IF_ERROR(Log(ActKind::kEpochStart, epoch));
  return epoch;
}

absl::StatusOr<std::uint32_t> EpochKeeper::StartAfter(std::uint32_t epoch) {
  const base::MutexLock lock(starting_);
  const std::uint32_t current = core_.key_source().current_epoch();
  if (current == epoch) return Start();
  if (current == epoch + 1) return current;
  return absl::FailedPreconditionError(
      absl::StrCat("epoch ", current, " is in force"));
}

absl::StatusOr<bool> EpochKeeper::StartIfDue() {
  const base::MutexLock lock(starting_);
  const std::uint32_t current = core_.key_source().current_epoch();
  LIMPID_ASSIGN_OR_RETURN(const auto started,
                          TimeOf(ActKind::kEpochStart, current));
  if (!started) {
    LIMPID_RETURN_IF_ERROR(Log(ActKind::kEpochStart, current));
    return false;
  }
  if (core_.clock().Now() - *started < length_) return false;
  LIMPID_RETURN_IF_ERROR(Start().status());
  return true;
}

absl::StatusOr<RewrapPass> EpochKeeper::Rewrap(
    const std::function<bool()>& go_on) {
  const base::MutexLock lock(working_);
  RewrapPass pass;
  const std::uint32_t epoch = core_.key_source().current_epoch();
  LIMPID_ASSIGN_OR_RETURN(const std::vector<std::uint16_t> shards,
                          core_.key_store().ShardsBelowEpoch(epoch));
  for (const std::uint16_t shard : shards) {
    if (!go_on()) break;
    LIMPID_RETURN_IF_ERROR(RewrapShard(shard, epoch, go_on, pass));
  }
  return pass;
}

absl::StatusOr<std::size_t> EpochKeeper::RewrapSlots(
    std::span<const SlotRow> rows, RewrapPass& pass) {
  std::vector<KeyStore::SlotChange> changes;
  for (const SlotRow& row : rows) {
    auto anew = core_.keys().Rewrap(row);
    if (anew.ok()) changes.emplace_back(row, *std::move(anew));
  }
  if (!changes.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const std::size_t replaced,
                            core_.key_store().Replace(changes, {}));
    pass.rewrapped += replaced;
  }
  const std::size_t left = rows.size() - changes.size();
  pass.broken += left;
  return left;
}

absl::StatusOr<std::size_t> EpochKeeper::RewrapCopyKeys(
    std::span<const CopyKeyRow> rows, RewrapPass& pass) {
  std::vector<KeyStore::CopyKeyChange> changes;
  for (const CopyKeyRow& row : rows) {
    auto anew = core_.keys().Rewrap(row);
    if (anew.ok()) {
      changes.emplace_back(row, *std::move(anew));
    } else {
      ++(absl::IsFailedPrecondition(anew.status()) ? pass.waiting
                                                   : pass.broken);
    }
  }
  if (!changes.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const std::size_t replaced,
                            core_.key_store().Replace({}, changes));
    pass.rewrapped += replaced;
  }
  return rows.size() - changes.size();
}

absl::Status EpochKeeper::RewrapShard(std::uint16_t shard, std::uint32_t epoch,
                                      const std::function<bool()>& go_on,
                                      RewrapPass& pass) {
  // An erasure that is under way says in its certificate which epoch's key
  // wrapped what it destroys: none of hers may move to another meanwhile.
  const PersonLock::Held lock = eraser_.LockOf({shard, HolderId()}).Take();
  // What stays where it is comes first again and is skipped.
  std::size_t slots_left = 0;
  std::size_t copy_keys_left = 0;
  while (go_on()) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto slots,
        core_.key_store().SlotsBelowEpoch(shard, epoch, slots_left, kBatch));
    LIMPID_ASSIGN_OR_RETURN(const auto copy_keys,
                            core_.key_store().CopyKeysBelowEpoch(
                                shard, epoch, copy_keys_left, kBatch));
    if (slots.empty() && copy_keys.empty()) break;
    LIMPID_ASSIGN_OR_RETURN(const std::size_t slots_stay,
                            RewrapSlots(slots, pass));
    slots_left += slots_stay;
    LIMPID_ASSIGN_OR_RETURN(const std::size_t copy_keys_stay,
                            RewrapCopyKeys(copy_keys, pass));
    copy_keys_left += copy_keys_stay;
  }
  return absl::OkStatus();
}

absl::Status EpochKeeper::CheckDestroyable(std::uint32_t epoch,
                                           bool drop_copies) const {
  const std::uint32_t current = core_.key_source().current_epoch();
  const std::vector<std::uint32_t> stand = core_.key_source().epochs();
  if (std::find(stand.begin(), stand.end(), epoch) == stand.end()) {
    return absl::NotFoundError("there is no key of this epoch");
  }
  if (epoch == current) {
    return absl::FailedPreconditionError(
        "this epoch is in force: start the next one first");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::vector<EpochUse> uses,
                          core_.key_store().EpochUses());
  const auto use =
      std::find_if(uses.begin(), uses.end(),
                   [&](const EpochUse& one) { return one.epoch == epoch; });
  if (use == uses.end()) return absl::OkStatus();
  if (use->slots > 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(use->slots,
                     " key slots are under this epoch: they are being wrapped "
                     "anew, or do not open (the server's log says which)"));
  }
  if (use->copy_keys == 0 || drop_copies) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      use->copy_keys,
      " keys of grant copies are under this epoch: wait until they are used, "
      "or drop the copies; devices make them again with the next value that "
      "is sealed, or when told to share"));
}

bool EpochKeeper::Seconded(std::uint32_t epoch, bool drop_copies,
                           const base::Digest32& administrator) {
  const absl::Time now = core_.clock().Now();
  const base::MutexLock lock(mutex_);
  const auto found = proposals_.find(epoch);
  const bool seconded = found != proposals_.end() &&
                        found->second.administrator != administrator &&
                        found->second.drop_copies == drop_copies &&
                        now - found->second.made < kProposalLife;
  if (seconded) return true;
  proposals_[epoch] = {administrator, drop_copies, now};
  return false;
}

absl::StatusOr<Destruction> EpochKeeper::Destroy(
    std::uint32_t epoch, bool drop_copies,
    const base::Digest32& administrator) {
  const base::MutexLock lock(working_);
  LIMPID_RETURN_IF_ERROR(CheckDestroyable(epoch, drop_copies));
  if (!Seconded(epoch, drop_copies, administrator)) {
    return Destruction::kProposed;
  }
  // First the act: one without the other says what was tried.
  LIMPID_RETURN_IF_ERROR(Log(ActKind::kEpochEnd, epoch));
  if (drop_copies) {
    LIMPID_RETURN_IF_ERROR(core_.key_store().DestroyCopyKeysOf(epoch).status());
  }
  // Freed pages of the key store may hold wraps under it. Before the key goes,
  // so that a try that fails here can be made again.
  LIMPID_RETURN_IF_ERROR(core_.key_store().Scrub());
  LIMPID_RETURN_IF_ERROR(core_.keys().DestroyEpoch(epoch));
  const base::MutexLock proposals(mutex_);
  proposals_.erase(epoch);
  return Destruction::kDone;
}

}  // namespace limpid::vault
