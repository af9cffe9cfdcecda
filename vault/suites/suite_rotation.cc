#include "vault/suites/suite_rotation.h"

#include <algorithm>
#include <utility>

#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "vault/attribute/person_acts.h"
#include "vault/log/act.h"

namespace limpid::vault {
namespace {

// Persons asked of the store at once.
constexpr std::size_t kOwners = 256;

bool IsOwed(std::span<const Tombstone> owed, const AttributeRow& row) {
  return std::any_of(owed.begin(), owed.end(), [&](const Tombstone& one) {
    return one.kind == TombstoneKind::kPerson || one.row == row.id;
  });
}

absl::Status NotAsLogged() {
  return absl::DataLossError("a value is not what the vault's log says");
}

}  // namespace

absl::StatusOr<SuitePass> SuiteRotation::Run(
    std::uint16_t first, const std::function<bool()>& enough) {
  Progress progress;
  // No person has the id of zeros, so those of `first` come after it.
  Owner at{first, HolderId()};
  bool begun = false;
  std::vector<Owner> owners;
  do {
    LIMPID_RETURN_IF_ERROR(core_.store().ReadErasure(
        [&](const ErasureReads& reads) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(owners, reads.OwnersAfter(at, kOwners));
          return absl::OkStatus();
        }));
    for (const Owner& owner : owners) {
      if (begun && owner.shard != at.shard && enough()) {
        progress.pass.next_shard = owner.shard;
        break;
      }
      LIMPID_RETURN_IF_ERROR(RotateOwner(owner, progress));
      begun = true;
      at = owner;
    }
  } while (owners.size() == kOwners && !progress.pass.next_shard);
  // Puts wait for it, so not in each call. Also if nothing was done: a run that
  // was broken off before may have left it.
  if (!progress.pass.next_shard) {
    LIMPID_RETURN_IF_ERROR(core_.store().Scrub());
  }
  return progress.pass;
}

absl::Status SuiteRotation::RotateOwner(const Owner& owner,
                                        Progress& progress) {
  NameKey name{};
  std::uint64_t version = 0;
  for (;;) {
    if (stopped_) {
      return absl::UnavailableError("the server is stopping; go on later");
    }
    // Erasures, holds and rotations of hers wait for a page, and it for them.
    // Puts do not: they touch no row that is there.
    const PersonLock::Held lock = eraser_.LockOf(owner).Take();
    std::vector<AttributeRow> heads;
    LIMPID_RETURN_IF_ERROR(core_.store().ReadErasure(
        [&](const ErasureReads& reads) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(heads,
                                  reads.KeptAfter(owner, name, version, kPage));
          return absl::OkStatus();
        }));
    LIMPID_RETURN_IF_ERROR(RotatePage(owner, heads, progress));
    if (heads.size() < kPage) return absl::OkStatus();
    name = heads.back().name_key;
    version = heads.back().version;
  }
}

absl::Status SuiteRotation::RotatePage(const Owner& owner,
                                       std::span<const AttributeRow> heads,
                                       Progress& progress) {
  std::vector<Draft> drafts;
  std::size_t bytes = 0;
  LIMPID_ASSIGN_OR_RETURN(const auto owed, core_.key_store().Unfinished(owner));
  for (const AttributeRow& head : heads) {
    // What is to be erased is not worked on any more.
    if (IsOwed(owed, head)) {
      ++progress.pass.changed;
      continue;
    }
    if (head.custody == Custody::kSealed) {
      ++progress.pass.with_devices;
      continue;
    }
    if (core_.codec().IsCurrent(head)) {
      ++progress.pass.current;
      continue;
    }
    auto draft = DraftOf(head);
    if (draft.ok()) {
      bytes += draft->now.payload.size();
      drafts.push_back(*std::move(draft));
    } else if (absl::IsFailedPrecondition(draft.status())) {
      ++progress.pass.with_agent;
    } else if (absl::IsAborted(draft.status())) {
      ++progress.pass.changed;
    } else if (absl::IsDataLoss(draft.status()) ||
               absl::IsNotFound(draft.status())) {
      Damaged(head.id, progress);
    } else {
      return draft.status();
    }
    if (bytes < kTransactionBytes) continue;
    LIMPID_RETURN_IF_ERROR(Store(owner, drafts, progress));
    bytes = 0;
  }
  return Store(owner, drafts, progress);
}

absl::StatusOr<SuiteRotation::Draft> SuiteRotation::DraftOf(
    const AttributeRow& head) {
  LIMPID_ASSIGN_OR_RETURN(
      auto row, core_.store().Find(head.owner, head.name_key, head.version));
  if (!row || row->state != RowState::kKept) {
    return absl::AbortedError("gone meanwhile");
  }
  // The key it is under, and no newer one: a rotation of hers that did not come
  // to its end counts on finding what it has not moved.
  LIMPID_ASSIGN_OR_RETURN(const auto key,
                          core_.keys().Find(row->owner, row->generation));
  LIMPID_ASSIGN_OR_RETURN(RowLabel label, core_.codec().OpenLabel(*key, *row));
  if (core_.blinder().NameKeyOf(row->owner.id, label.attribute) !=
      row->name_key) {
    return absl::DataLossError("a row is not about what its label says");
  }
  LIMPID_RETURN_IF_ERROR(CheckLogged(*row));
  Draft out;
  LIMPID_ASSIGN_OR_RETURN(out.now, core_.codec().Reseal(*key, *row));
  out.was = *std::move(row);
  out.attribute = std::move(label.attribute);
  return out;
}

// Who knows a row's DEK could have put another value under it, which opens. The
// act of the put betrays that as long as it is compared with; the act of this
// rotation would vouch for the forgery.
absl::Status SuiteRotation::CheckLogged(const AttributeRow& row) {
  std::optional<ActRow> logged;
  for (const ActKind kind : {ActKind::kReseal, ActKind::kPut}) {
    LIMPID_ASSIGN_OR_RETURN(
        logged,
        core_.store().FindAct({row.owner, row.name_key, row.version, kind}));
    if (logged) break;
  }
  if (!logged) return NotAsLogged();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes encoded,
                          core_.DisclosureOf(*logged));
  const auto disclosure = Disclosure::Decode(encoded);
  if (!disclosure.ok()) return NotAsLogged();
  const auto act = Act::Decode(disclosure->encoded_act);
  if (!act.ok() || act->key_id != row.id || act->kind != logged->kind ||
      act->value_version != row.version ||
      act->body != crypto::Sha256(row.payload)) {
    return NotAsLogged();
  }
  return absl::OkStatus();
}

absl::Status SuiteRotation::Store(const Owner& owner,
                                  std::vector<Draft>& drafts,
                                  Progress& progress) {
  if (drafts.empty()) return absl::OkStatus();
  absl::Status written = StoreSome(owner, drafts, progress);
  if (absl::IsDataLoss(written)) {
    // Nothing of it was stored: one that cannot be must not keep the others.
    for (const Draft& draft : drafts) {
      written = StoreSome(owner, {&draft, 1}, progress);
      if (absl::IsDataLoss(written)) {
        Damaged(draft.was.id, progress);
        written = absl::OkStatus();
      }
      LIMPID_RETURN_IF_ERROR(written);
    }
  }
  LIMPID_RETURN_IF_ERROR(written);
  drafts.clear();
  return absl::OkStatus();
}

absl::Status SuiteRotation::StoreSome(const Owner& owner,
                                      std::span<const Draft> drafts,
                                      Progress& progress) {
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  std::uint64_t stored = 0;
  bool begun = false;
  const absl::Status written = WriteUnderKey(
      core_, owner, now,
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        begun = true;
        stored = 0;
        LIMPID_RETURN_IF_ERROR(
            LogPersonKey(transaction, core_.acts(), owner, key, now));
        for (const Draft& draft : drafts) {
          LIMPID_ASSIGN_OR_RETURN(const bool replaced,
                                  StoreOne(transaction, key, draft, now));
          if (replaced) ++stored;
        }
        return absl::OkStatus();
      });
  // Envelopes of the suites are not of one length. Also after a failure.
  core_.usage().Forget(owner);
  if (!written.ok() && !begun) {
    LIMPID_ASSIGN_OR_RETURN(const bool behind,
                            KeysAreBehind(core_, owner, now));
    // Of one person; the others go on.
    if (behind) {
      for (const Draft& draft : drafts) Damaged(draft.was.id, progress);
      return absl::OkStatus();
    }
  }
  LIMPID_RETURN_IF_ERROR(written);
  progress.pass.resealed += stored;
  progress.pass.changed += drafts.size() - stored;
  return absl::OkStatus();
}

absl::StatusOr<bool> SuiteRotation::StoreOne(VaultTransaction& transaction,
                                             const PersonKey& key,
                                             const Draft& draft,
                                             absl::Time now) {
  const AttributeRow& row = draft.now;
  LIMPID_ASSIGN_OR_RETURN(const bool replaced,
                          transaction.erasure().Replace(draft.was, row));
  if (!replaced) return false;
  LIMPID_ASSIGN_OR_RETURN(
      const auto stored,
      transaction.Find(row.owner, row.name_key, row.version));
  if (!stored || *stored != row) {
    return absl::DataLossError("what was stored is not what was sealed");
  }
  Act act;
  act.kind = ActKind::kReseal;
  act.attribute = draft.attribute;
  act.schema_version = row.schema_version;
  act.value_version = row.version;
  act.key_id = row.id;
  act.body = crypto::Sha256(row.payload);
  act.time = now;
  LIMPID_RETURN_IF_ERROR(
      core_.acts()
          .Append(transaction, std::move(act), row.owner, row.name_key, &key)
          .status());
  return true;
}

void SuiteRotation::Damaged(const crypto::KeyId& row, Progress& progress) {
  ++progress.pass.damaged;
  if (progress.told == kMostTold) return;
  ++progress.told;
  alarm_(row);
}

}  // namespace limpid::vault
