#include "vault/erasure/eraser.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/erasure/person_rotation.h"

namespace limpid::vault {
namespace {

// Tombstones copied to the file at once.
constexpr std::size_t kCopyBatch = 4'096;
// They are in memory already, in the file.
constexpr std::size_t kAll = std::numeric_limits<std::int64_t>::max();

absl::Status StoresApart() {
  return absl::FailedPreconditionError(
      "the vault's store.db and keys.db are of different times, and values "
      "would be lost for ever: put back both from the same backup, or the "
      "newest keys.db there is (docs/restore-vault.md)");
}

// What a person's assisted rows and her acts are under must be among her slots
// of that key.
bool Fits(std::span<const SlotRow> slots, const PersonCount& count) {
  if (count.rows == 0 && count.acts == 0) return true;
  std::uint32_t lowest = 0;
  std::uint32_t highest = 0;
  for (const SlotRow& slot : slots) {
    if (slot.slot_kind != SlotKind::kServer) continue;
    if (lowest == 0) lowest = slot.generation;
    highest = slot.generation;
  }
  return lowest != 0 && count.lowest >= lowest && count.highest <= highest;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Eraser>> Eraser::Open(VaultCore& core,
                                                     TombstoneFile& file,
                                                     CopyStore& copies,
                                                     Retention retention) {
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes key,
                          core.key_source().Named(kErasureKeyName));
  return std::unique_ptr<Eraser>(
      new Eraser(core, file, copies, retention, std::move(key)));
}

absl::Status Eraser::CopyOut() {
  const base::MutexLock lock(file_mutex_);
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const auto more, core_.key_store().TombstonesAfter(
                                                 file_.last(), kCopyBatch));
    if (more.empty()) return absl::OkStatus();
    LIMPID_RETURN_IF_ERROR(file_.Append(more));
    // Whoever buried another since comes here herself.
    if (more.size() < kCopyBatch) return absl::OkStatus();
  }
}

absl::Status Eraser::CheckTogether(std::uint64_t stored) const {
  const std::uint64_t common = std::min(stored, file_.last());
  if (common == 0) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const auto in_store,
                          core_.key_store().TombstonesAfter(common - 1, 1));
  const auto in_file = file_.After(common - 1);
  if (in_store.empty() || in_store.front() != in_file.front()) {
    return absl::DataLossError(
        "the file of tombstones and the vault's keys.db do not belong "
        "together: put back the file that was with it");
  }
  return absl::OkStatus();
}

absl::Status Eraser::CheckKeysFit(std::span<const Tombstone> tombstones) const {
  std::set<Owner> owners;
  std::set<Owner> gone;
  for (const Tombstone& tombstone : tombstones) {
    (tombstone.kind == TombstoneKind::kPerson ? gone : owners)
        .insert(tombstone.owner);
  }
  for (const Owner& owner : owners) {
    if (gone.contains(owner)) continue;
    LIMPID_ASSIGN_OR_RETURN(const auto slots,
                            core_.key_store().List(owner, Custody::kAssisted));
    PersonCount count;
    LIMPID_RETURN_IF_ERROR(core_.store().ReadErasure(
        [&](const ErasureReads& reads) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(count, reads.Count(owner));
          return absl::OkStatus();
        }));
    if (!Fits(slots, count)) return StoresApart();
  }
  return absl::OkStatus();
}

absl::Status Eraser::AcceptOlderValues() {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t stored,
                          core_.key_store().LastTombstone());
  LIMPID_RETURN_IF_ERROR(CheckTogether(stored));
  LIMPID_ASSIGN_OR_RETURN(auto all, core_.key_store().TombstonesAfter(0, kAll));
  const auto more = file_.After(stored);
  all.insert(all.end(), more.begin(), more.end());
  LIMPID_RETURN_IF_ERROR(CheckKeysFit(all));
  return core_.key_store().Reopen();
}

absl::Status Eraser::CheckNewestKeys(std::uint64_t stored) const {
  std::set<Owner> gone;
  for (const Tombstone& tombstone : file_.After(stored)) {
    if (tombstone.kind == TombstoneKind::kPerson) gone.insert(tombstone.owner);
  }
  std::vector<KeyMade> made;
  LIMPID_RETURN_IF_ERROR(
      core_.store().ReadErasure([&](const ErasureReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(made, reads.NewestKeys(kNewestKeys));
        return absl::OkStatus();
      }));
  const KeyStore& keys = core_.key_store();
  for (const KeyMade& key : made) {
    if (gone.contains(key.owner)) continue;
    LIMPID_ASSIGN_OR_RETURN(const auto slot, keys.FindServerSlot(key.owner, 0));
    if (slot && slot->generation >= key.generation) continue;
    LIMPID_ASSIGN_OR_RETURN(const bool erased,
                            keys.IsBuried(key.owner, crypto::KeyId{}));
    if (!erased) return StoresApart();
  }
  return absl::OkStatus();
}

absl::Status Eraser::ReplayFile(std::uint64_t stored) {
  const auto forgotten = file_.After(stored);
  LIMPID_RETURN_IF_ERROR(CheckKeysFit(forgotten));
  return core_.key_store().Adopt(forgotten);
}

absl::StatusOr<Recovery> Eraser::Recover() {
  Recovery out;
  KeyStore& keys = core_.key_store();
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t stored, keys.LastTombstone());
  LIMPID_RETURN_IF_ERROR(CheckTogether(stored));
  LIMPID_RETURN_IF_ERROR(CheckNewestKeys(stored));
  if (file_.last() > stored) {
    LIMPID_RETURN_IF_ERROR(ReplayFile(stored));
    out.replayed = file_.last() - stored;
  }
  out.file_lost = file_.fresh() && stored > 0;
  LIMPID_RETURN_IF_ERROR(CopyOut());
  LIMPID_RETURN_IF_ERROR(file_.Settle());

  LIMPID_ASSIGN_OR_RETURN(const auto unfinished, keys.Unfinished(std::nullopt));
  LIMPID_ASSIGN_OR_RETURN(const auto rotating, keys.OwnersInRotation());
  std::set<Owner> owners(rotating.begin(), rotating.end());
  for (const Tombstone& tombstone : unfinished) owners.insert(tombstone.owner);
  for (const Owner& owner : owners) {
    const PersonLock::Held lock = LockOf(owner).Take();
    absl::Status done = Complete(owner);
    if (absl::IsDataLoss(done)) {
      ++out.stuck;
      continue;
    }
    LIMPID_RETURN_IF_ERROR(done);
    ++out.finished;
  }
  return out;
}

absl::Status Eraser::Erase(std::vector<Tombstone> tombstones) {
  if (tombstones.empty()) return absl::OkStatus();
  const Owner owner = tombstones.front().owner;
  absl::Status buried = core_.key_store().Bury(tombstones);
  // Also after a failure: the slots may be gone.
  core_.keys().Forget(owner.id);
  LIMPID_RETURN_IF_ERROR(buried);
  LIMPID_RETURN_IF_ERROR(CopyOut());
  return Complete(owner);
}

absl::Status Eraser::FinishOwed(const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const auto owed, core_.key_store().Unfinished(owner));
  if (owed.empty()) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(CopyOut());
  return Complete(owner);
}

absl::Status Eraser::Rotate(const Owner& owner) {
  LIMPID_RETURN_IF_ERROR(FinishOwed(owner));
  PersonRotation rotation(core_, owner, core_.clock().Now());
  LIMPID_RETURN_IF_ERROR(rotation.Look().status());
  LIMPID_RETURN_IF_ERROR(rotation.Begin(
      {},
      [](VaultTransaction&, const PersonKey&) { return absl::OkStatus(); }));
  LIMPID_RETURN_IF_ERROR(rotation.Move());
  LIMPID_RETURN_IF_ERROR(rotation.End());
  LIMPID_RETURN_IF_ERROR(core_.store().Scrub());
  return core_.key_store().Scrub();
}

absl::Status Eraser::Complete(const Owner& owner) {
  KeyStore& keys = core_.key_store();
  LIMPID_ASSIGN_OR_RETURN(const auto tombstones, keys.Unfinished(owner));
  if (tombstones.empty()) {
    // Only a rotation was begun.
    return Rotate(owner);
  }
  const auto person = std::find_if(
      tombstones.begin(), tombstones.end(),
      [](const Tombstone& one) { return one.kind == TombstoneKind::kPerson; });
  absl::Status done = person != tombstones.end()
                          ? CompletePerson(*person)
                          : CompleteVersions(owner, tombstones);
  // Also after a failure: what was asked for may be emptied.
  core_.usage().Forget(owner);
  LIMPID_RETURN_IF_ERROR(done);
  LIMPID_RETURN_IF_ERROR(core_.store().Scrub());
  LIMPID_RETURN_IF_ERROR(keys.Scrub());
  return keys.Finish(owner, tombstones.back().sequence);
}

absl::Status Eraser::CompleteVersions(const Owner& owner,
                                      std::span<const Tombstone> tombstones) {
  // The latest: not before counts from it.
  const absl::Time time = absl::FromUnixMillis(tombstones.back().time_ms);
  PersonRotation rotation(core_, owner, core_.clock().Now());
  // Not while the one writer waits. Nobody but a holder of her lock changes a
  // row that is there.
  std::vector<AttributeRow> rows;
  LIMPID_RETURN_IF_ERROR(
      core_.store().ReadErasure([&](const ErasureReads& reads) -> absl::Status {
        for (const Tombstone& tombstone : tombstones) {
          LIMPID_ASSIGN_OR_RETURN(auto row,
                                  reads.FindById(owner, tombstone.row));
          if (row) rows.push_back(*std::move(row));
        }
        return absl::OkStatus();
      }));
  const auto erase = [&](VaultTransaction& transaction, const PersonKey* key) {
    return EraseRows(transaction, rows, time, rotation.destroyed_generation(),
                     rotation.destroyed_epoch(), key);
  };
  LIMPID_ASSIGN_OR_RETURN(const bool has_key, rotation.Look());
  if (!has_key) {
    // No assisted key, so no copy of it to kill.
    LIMPID_RETURN_IF_ERROR(
        core_.store().Write([&](VaultTransaction& transaction) {
          return erase(transaction, nullptr);
        }));
    return DropCopies(rows);
  }
  LIMPID_RETURN_IF_ERROR(rotation.Begin(
      rows, [&](VaultTransaction& transaction, const PersonKey& next) {
        return erase(transaction, &next);
      }));
  LIMPID_RETURN_IF_ERROR(DropCopies(rows));
  LIMPID_RETURN_IF_ERROR(rotation.Move());
  return rotation.End();
}

absl::Status Eraser::DropCopies(std::span<const AttributeRow> rows) {
  if (rows.empty()) return absl::OkStatus();
  // Mostly there are none, and looking does not wait for the one writer. One
  // that is stored after the look finds its value gone.
  const auto usage = copies_.UsageOf(rows.front().owner);
  if (usage.ok() && usage->copies == 0) return absl::OkStatus();
  for (const AttributeRow& row : rows) {
    LIMPID_RETURN_IF_ERROR(
        copies_.DeleteVersion(row.owner, row.name_key, row.version).status());
  }
  return absl::OkStatus();
}

absl::Status Eraser::EraseRows(VaultTransaction& transaction,
                               std::vector<AttributeRow> rows, absl::Time time,
                               std::uint32_t generation, std::uint32_t epoch,
                               const PersonKey* key) {
  // One certificate for each attribute.
  std::map<NameKey, std::vector<AttributeRow>> attributes;
  for (AttributeRow& row : rows) {
    if (row.state != RowState::kKept) continue;
    attributes[row.name_key].push_back(std::move(row));
  }
  for (auto& [name, versions] : attributes) {
    std::sort(versions.begin(), versions.end(),
              [](const AttributeRow& left, const AttributeRow& right) {
                return left.version < right.version;
              });
    ErasureCertificate certificate = NewCertificate(time);
    certificate.generation = generation;
    certificate.epoch = epoch;
    Describe(versions, certificate);
    LIMPID_RETURN_IF_ERROR(
        EraseAttributeRows(transaction, versions, std::move(certificate), key));
  }
  return absl::OkStatus();
}

void Eraser::Describe(std::span<const AttributeRow> versions,
                      ErasureCertificate& certificate) {
  const AttributeRow& first = versions.front();
  const bool sealed = std::any_of(
      versions.begin(), versions.end(),
      [](const AttributeRow& row) { return row.custody == Custody::kSealed; });
  if (sealed) {
    // Under a key that only her devices could rotate: no key of an older copy
    // was destroyed for it.
    certificate.generation = 0;
    certificate.epoch = 0;
    const auto name = core_.SealedNameOf(first);
    if (name.ok()) certificate.attribute = *name;
    return;
  }
  const auto under = core_.keys().Find(first.owner, first.generation);
  if (!under.ok()) return;
  const auto label = core_.codec().OpenLabel(**under, first);
  // A damaged label must not keep what it names from being erased.
  if (label.ok()) certificate.attribute = label->attribute;
}

absl::Status Eraser::EraseAttributeRows(VaultTransaction& transaction,
                                        std::span<const AttributeRow> rows,
                                        ErasureCertificate certificate,
                                        const PersonKey* key) {
  for (const AttributeRow& row : rows) {
    certificate.versions.push_back(row.version);
  }
  certificate.values = static_cast<std::uint32_t>(rows.size());
  const Owner& owner = rows.front().owner;
  LIMPID_ASSIGN_OR_RETURN(const base::Digest32 body,
                          Certify(transaction, owner, certificate));
  for (const AttributeRow& row : rows) {
    LIMPID_RETURN_IF_ERROR(
        transaction.Erase(owner, row.name_key, row.version,
                          absl::ToUnixMillis(certificate.time)));
    Act act;
    act.kind = ActKind::kErase;
    act.attribute = certificate.attribute;
    act.schema_version = row.schema_version;
    act.value_version = row.version;
    act.key_id = row.id;
    act.body = body;
    act.time = certificate.time;
    LIMPID_RETURN_IF_ERROR(
        core_.acts()
            .Append(transaction, std::move(act), owner, row.name_key, key)
            .status());
  }
  return absl::OkStatus();
}

absl::Status Eraser::CompletePerson(const Tombstone& tombstone) {
  const Owner& owner = tombstone.owner;
  core_.keys().Forget(owner.id);
  absl::Status forgotten =
      core_.store().Write([&](VaultTransaction& transaction) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const auto before,
            transaction.FindAct({owner, NameKey(), 0, ActKind::kDestroy}));
        if (before) return absl::OkStatus();
        ErasureCertificate certificate =
            NewCertificate(absl::FromUnixMillis(tombstone.time_ms));
        certificate.scope = ErasureScope::kPerson;
        // Which of hers wrapped what is gone with the slots: at most the
        // newest.
        certificate.epoch = core_.key_source().current_epoch();
        LIMPID_ASSIGN_OR_RETURN(const std::int64_t kept,
                                transaction.erasure().ForgetPerson(owner));
        certificate.values = static_cast<std::uint32_t>(kept);
        Act act;
        act.kind = ActKind::kDestroy;
        act.time = certificate.time;
        LIMPID_ASSIGN_OR_RETURN(act.body,
                                Certify(transaction, Owner(), certificate));
        return core_.acts()
            .Append(transaction, std::move(act), owner, NameKey(), nullptr)
            .status();
      });
  if (!forgotten.ok()) return forgotten;
  return copies_.DeleteOwner(owner).status();
}

ErasureCertificate Eraser::NewCertificate(absl::Time time) const {
  ErasureCertificate out;
  core_.random().Fill(out.nonce);
  out.source = core_.identity().source;
  out.time = time;
  out.retention = retention_;
  return out;
}

absl::StatusOr<base::Digest32> Eraser::Certify(
    VaultTransaction& transaction, const Owner& owner,
    const ErasureCertificate& certificate) {
  const base::Bytes encoded = certificate.Encode();
  const base::Digest32 hash = CertificateHash(encoded);
  CertificateRow row;
  row.id = CertificateIdOf(hash);
  row.owner = owner;
  row.sealed = SealCertificate(core_.identity(), core_.keys().suite(), key_,
                               owner, encoded, core_.random());
  LIMPID_RETURN_IF_ERROR(transaction.erasure().InsertCertificate(row));
  return hash;
}

absl::StatusOr<base::Bytes> Eraser::CertificateOf(
    const base::Digest32& body) const {
  base::Bytes out;
  LIMPID_RETURN_IF_ERROR(
      core_.store().ReadErasure([&](const ErasureReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto row,
                                reads.FindCertificate(CertificateIdOf(body)));
        if (!row) return absl::OkStatus();
        LIMPID_ASSIGN_OR_RETURN(out,
                                OpenCertificate(core_.identity(), key_, *row));
        return absl::OkStatus();
      }));
  if (!out.empty() && CertificateHash(out) != body) {
    return absl::DataLossError("a certificate does not open");
  }
  return out;
}

}  // namespace limpid::vault
