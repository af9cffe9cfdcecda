#include "vault/custody/copy_desk.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/x25519.h"
#include "vault/custody/sealed_vault.h"

namespace limpid::vault {
namespace {

absl::Status Broken() {
  return absl::DataLossError("a grant copy is not what it is stored as");
}

std::string RecordText(const base::ByteArray<16>& record) {
  return base::FormatIdText("rec", record);
}

}  // namespace

Aad CopyDesk::CopyAad(const HolderId& holder,
                      const receipt::GrantCopyTerms& terms,
                      std::uint8_t suite) const {
  Aad aad;
  aad.kind = AadKind::kGrantCopy;
  aad.suite = suite;
  aad.operator_name = core_.identity().operator_name;
  aad.holder = holder;
  aad.attribute = terms.attribute;
  aad.schema_version = terms.schema_version;
  aad.value_version = terms.version;
  aad.key_id = terms.id;
  aad.custody = Custody::kSealed;
  return aad;
}

absl::Status CopyDesk::CheckTerms(const receipt::GrantCopyTerms& terms) const {
  if (terms.source != core_.identity().source.bytes()) {
    return absl::InvalidArgumentError("copy: is for another vault");
  }
  const absl::Time now = core_.clock().Now();
  if (terms.made < now - kMaxSkew || terms.made > now + kMaxSkew) {
    return absl::InvalidArgumentError(
        "copy: was not made within five minutes of the server's clock");
  }
  if (terms.not_after <= now) {
    return absl::InvalidArgumentError("copy: is over already");
  }
  return absl::OkStatus();
}

absl::Status CopyDesk::CheckValue(const Owner& owner, const NameKey& name,
                                  const receipt::GrantCopyTerms& terms) const {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          core_.store().Newest(owner, {&name, 1}));
  const auto& row = rows.front();
  if (!row || row->custody != Custody::kSealed) {
    return absl::FailedPreconditionError(
        "copy: the newest version of the attribute is not sealed");
  }
  if (row->version != terms.version ||
      row->schema_version != terms.schema_version) {
    return absl::AbortedError("copy: another version is the newest");
  }
  LIMPID_ASSIGN_OR_RETURN(const auto entry,
                          core_.catalogue().Find(terms.attribute, 0));
  if (terms.form == receipt::Form::kPseudonymous &&
      entry->definition.direct_identifier) {
    return absl::FailedPreconditionError(
        "copy: a direct identifier has no pseudonymous form");
  }
  return absl::OkStatus();
}

// Before a key is made for it: a refused copy leaves nothing behind. The store
// counts copies again.
absl::Status CopyDesk::CheckRoom(const CopyRow& row, std::size_t bytes) const {
  LIMPID_ASSIGN_OR_RETURN(const auto replaced,
                          store_.Find(row.owner, row.record_key, row.name_key));
  if (!replaced) {
    LIMPID_ASSIGN_OR_RETURN(const CopyUsage usage, store_.UsageOf(row.owner));
    if (usage.copies >= kMaxCopies) {
      return absl::ResourceExhaustedError(
          absl::StrCat("copy: a person has at most ", kMaxCopies, " copies"));
    }
  }
  const std::size_t before = replaced ? replaced->outer.size() : 0;
  // One that is no longer than what it replaces always fits.
  if (bytes <= before) return absl::OkStatus();
  return core_.usage().CheckCopy(core_.store(), row.owner, bytes - before);
}

absl::Status CopyDesk::CheckStays(const CopyRow& row, const crypto::KeyId& key,
                                  const receipt::GrantCopyTerms& terms) {
  // An erasure empties the value first and then looks for copies: one that came
  // in between is seen there or here.
  const absl::Status still = CheckValue(row.owner, row.name_key, terms);
  if (!still.ok()) {
    LIMPID_RETURN_IF_ERROR(
        store_.DeleteVersion(row.owner, row.name_key, row.version).status());
    return still;
  }
  // So does Forget with the key: under a later one this copy would not open,
  // and stand in the way of what does.
  LIMPID_ASSIGN_OR_RETURN(
      const auto now, core_.key_store().FindCopyKey(row.owner, row.record_key));
  if (now && now->key_id == key) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(store_.Delete(row));
  return absl::AbortedError(
      "copy: the copies of this record were withdrawn meanwhile");
}

absl::Status CopyDesk::MakeRoomForKey(const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const auto keys,
                          core_.key_store().CopyKeyRecords(owner));
  if (keys.size() < kMaxCopies) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const auto used, store_.Records(owner));
  std::vector<RecordKey> bare;
  std::set_difference(keys.begin(), keys.end(), used.begin(), used.end(),
                      std::back_inserter(bare));
  if (keys.size() - bare.size() >= kMaxCopies) {
    return absl::ResourceExhaustedError(
        absl::StrCat("copy: a person has at most ", kMaxCopies, " copies"));
  }
  return core_.key_store().DestroyCopyKeys(owner, bare);
}

// The key is durable in its own store before anything is sealed under it. What
// is stored under one that is gone opens no more, and would make every read of
// the record fail once there is another.
absl::StatusOr<CopyKey> CopyDesk::KeyFor(const CopyRow& row,
                                         const std::string& record) {
  const base::MutexLock lock(making_);
  auto found = core_.keys().FindCopyKey(row.owner, row.record_key, record);
  if (!absl::IsNotFound(found.status())) return found;
  LIMPID_RETURN_IF_ERROR(
      store_.DeleteRecord(row.owner, row.record_key).status());
  LIMPID_RETURN_IF_ERROR(MakeRoomForKey(row.owner));
  return core_.keys().FindOrCreateCopyKey(row.owner, row.record_key, record,
                                          core_.clock().Now());
}

absl::Status CopyDesk::Put(const PersonCaller& caller, base::ByteView encoded) {
  const auto copy = receipt::GrantCopy::Decode(encoded);
  if (!copy.ok() ||
      copy->box.size() != crypto::kAeadKeyBytes + crypto::kSealedBoxOverhead ||
      !IsPaddedEnvelope(copy->envelope)) {
    return absl::InvalidArgumentError("copy: is not a grant copy");
  }
  const receipt::GrantCopyTerms& terms = copy->terms;
  LIMPID_RETURN_IF_ERROR(CheckTerms(terms));
  if (!receipt::GrantCopyIsSigned(*copy)) {
    return absl::InvalidArgumentError("copy: is not signed by its grant key");
  }
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const NameKey name =
      core_.blinder().NameKeyOf(caller.holder, terms.attribute);
  LIMPID_RETURN_IF_ERROR(CheckNotMoved(core_.store(), owner));
  LIMPID_RETURN_IF_ERROR(CheckValue(owner, name, terms));
  CopyRow row;
  row.owner = owner;
  row.record_key = core_.blinder().RecordKeyOf(caller.holder, terms.record);
  row.name_key = name;
  row.copy_id = terms.id;
  row.version = terms.version;
  row.not_after_ms = absl::ToUnixMillis(terms.not_after);
  const crypto::Suite suite = core_.keys().suite();
  LIMPID_RETURN_IF_ERROR(
      CheckRoom(row, encoded.size() + crypto::EnvelopeOverhead(suite)));
  LIMPID_ASSIGN_OR_RETURN(const CopyKey key,
                          KeyFor(row, RecordText(terms.record)));
  row.outer = crypto::Seal(
      suite, key.key, key.id,
      CopyAad(caller.holder, terms, static_cast<std::uint8_t>(suite)).Encode(),
      encoded, core_.random());
  absl::Status stored = store_.Put(row, kMaxCopies);
  if (stored.ok()) stored = CheckStays(row, key.id, terms);
  // Also after a failure: it may be there.
  core_.usage().Forget(owner);
  return stored;
}

absl::StatusOr<std::size_t> CopyDesk::Sweep() {
  LIMPID_ASSIGN_OR_RETURN(
      const auto owners,
      store_.DeleteOver(absl::ToUnixMillis(core_.clock().Now())));
  for (const Owner& owner : owners) core_.usage().Forget(owner);
  return owners.size();
}

absl::StatusOr<std::int64_t> CopyDesk::Forget(
    const PersonCaller& caller, const base::ByteArray<16>& record) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const RecordKey key = core_.blinder().RecordKeyOf(caller.holder, record);
  // The key first: without it the copies are noise, wherever they are.
  LIMPID_RETURN_IF_ERROR(core_.key_store().DestroyCopyKey(owner, key));
  const auto deleted = store_.DeleteRecord(owner, key);
  core_.usage().Forget(owner);
  return deleted;
}

absl::StatusOr<std::optional<base::Bytes>> CopyDesk::Find(
    const CopyQuery& query) {
  const std::optional<base::Bytes> none;
  const Owner owner = core_.blinder().OwnerOf(query.holder);
  const RecordKey record =
      core_.blinder().RecordKeyOf(query.holder, query.record);
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      store_.Find(owner, record,
                  core_.blinder().NameKeyOf(query.holder, query.attribute)));
  if (!row || row->version != query.version ||
      row->not_after_ms <= absl::ToUnixMillis(core_.clock().Now())) {
    return none;
  }
  const auto key =
      core_.keys().FindCopyKey(owner, record, RecordText(query.record));
  if (absl::IsNotFound(key.status())) return none;
  LIMPID_RETURN_IF_ERROR(key.status());
  receipt::GrantCopyTerms stored;
  stored.attribute = query.attribute;
  stored.version = query.version;
  stored.id = row->copy_id;
  stored.schema_version = query.schema_version;
  LIMPID_ASSIGN_OR_RETURN(
      base::Bytes encoded,
      crypto::Open(
          key->key, key->id,
          CopyAad(query.holder, stored, SuiteByte(row->outer)).Encode(),
          row->outer));
  const auto copy = receipt::GrantCopy::Decode(encoded);
  if (!copy.ok() || copy->terms.source != core_.identity().source.bytes() ||
      copy->terms.record != query.record ||
      copy->terms.attribute != query.attribute ||
      copy->terms.version != query.version || copy->terms.id != row->copy_id ||
      absl::ToUnixMillis(copy->terms.not_after) != row->not_after_ms) {
    return Broken();
  }
  if (copy->terms.form != query.form) return none;
  return std::optional<base::Bytes>(std::move(encoded));
}

}  // namespace limpid::vault
