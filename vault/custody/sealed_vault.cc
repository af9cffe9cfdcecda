#include "vault/custody/sealed_vault.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/pad.h"

namespace limpid::vault {
namespace {

// docs/formats/attribute-record.md: label, kind, two empty fields and the time
// before the value, and up to 96 bytes of thumbprint and signature in them.
constexpr std::size_t kMinContentsBytes = 42;
constexpr std::size_t kMaxContentsBytes =
    kMinContentsBytes + 96 + kMaxValueBytes;
constexpr std::string_view kLabelLabel = "limpid/vault/label/1";

// The size of what is inside an envelope, or 0 when it is none.
std::size_t InnerSize(base::ByteView envelope) {
  const auto suite = crypto::SuiteOf(envelope);
  if (!suite.ok()) return 0;
  const std::size_t overhead = crypto::EnvelopeOverhead(*suite);
  return envelope.size() > overhead ? envelope.size() - overhead : 0;
}

// Whether padding gives contents of some allowed length this size.
bool IsPaddedSize(std::size_t size) {
  if (size <= kMinContentsBytes) return false;
  if (size <= kBucketLimitBytes) return size % crypto::kPadBucketBytes == 0;
  // Padmé rounds up, so a size it gives is the one it gives for a byte less.
  return size <= crypto::PadmeLength(kMaxContentsBytes) &&
         crypto::PadmeLength(size - 1) == size;
}

absl::Status Odd(std::string_view part) {
  return absl::InvalidArgumentError(
      absl::StrCat(absl::string_view(part.data(), part.size()),
                   ": is not what sealing gives"));
}

}  // namespace

absl::StatusOr<bool> IdIsNew(VaultCore& core, VaultTransaction& transaction,
                             const AttributeRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const auto other,
                          transaction.erasure().FindById(row.owner, row.id));
  LIMPID_ASSIGN_OR_RETURN(const bool buried,
                          core.key_store().IsBuried(row.owner, row.id));
  return !other && !buried;
}

absl::Status CheckParts(const SealedParts& parts, std::string_view attribute) {
  if (parts.id == crypto::KeyId{}) return Odd("sealed.dek_id");
  if (parts.generation == 0) return Odd("sealed.generation");
  const std::size_t label = 1 + kLabelLabel.size() + 4 + attribute.size();
  if (InnerSize(parts.label) != crypto::BucketLength(label)) {
    return Odd("sealed.label");
  }
  if (InnerSize(parts.wrap) != crypto::kAeadKeyBytes) return Odd("sealed.wrap");
  base::ByteReader reader(parts.payload);
  const std::uint8_t layout = reader.U8();
  const std::uint16_t count = reader.U16();
  const base::ByteView chunk = reader.Lp();
  if (!reader.Finish().ok() || layout != 1 || count != 1 ||
      !IsPaddedEnvelope(chunk)) {
    return Odd("sealed.payload");
  }
  return absl::OkStatus();
}

bool IsPaddedEnvelope(base::ByteView envelope) {
  return IsPaddedSize(InnerSize(envelope));
}

absl::StatusOr<CatalogueEntryPtr> SealedVault::Sealable(
    std::string_view attribute) const {
  LIMPID_ASSIGN_OR_RETURN(CatalogueEntryPtr entry,
                          core_.catalogue().Find(attribute, 0));
  if (entry->definition.assisted_only) {
    return absl::FailedPreconditionError(
        "attribute: the catalogue does not let it be sealed");
  }
  return entry;
}

absl::StatusOr<SealingPlace> SealedVault::Place(const PersonCaller& caller,
                                                std::string_view attribute) {
  SealingPlace out;
  LIMPID_ASSIGN_OR_RETURN(out.entry, Sealable(attribute));
  LIMPID_ASSIGN_OR_RETURN(
      const std::uint64_t highest,
      core_.store().HighestVersion(
          core_.blinder().OwnerOf(caller.holder),
          core_.blinder().NameKeyOf(caller.holder, attribute)));
  out.version = highest + 1;
  return out;
}

absl::Status SealedVault::CheckKey(const Owner& owner,
                                   std::uint32_t generation) {
  LIMPID_ASSIGN_OR_RETURN(const auto slots,
                          core_.key_store().List(owner, Custody::kSealed));
  const bool there = std::any_of(
      slots.begin(), slots.end(),
      [&](const SlotRow& row) { return row.generation == generation; });
  if (there) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "sealed.generation: no slot of that key is stored, so nobody could open "
      "the value");
}

absl::StatusOr<DoneAct> SealedVault::Put(const PersonCaller& caller,
                                         const NewSealedValue& value) {
  LIMPID_ASSIGN_OR_RETURN(const auto entry, Sealable(value.attribute));
  LIMPID_RETURN_IF_ERROR(CheckParts(value.parts, value.attribute));
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  if (value.put_time < now - kMaxSkew || value.put_time > now + kMaxSkew) {
    return absl::InvalidArgumentError(
        "put_time: is not within five minutes of the server's clock");
  }
  AttributeRow row;
  row.owner = core_.blinder().OwnerOf(caller.holder);
  row.id = value.parts.id;
  row.name_key = core_.blinder().NameKeyOf(caller.holder, value.attribute);
  row.version = value.version;
  row.schema_version = value.schema_version;
  row.request_key =
      core_.blinder().RequestKeyOf(caller.holder, value.request_id);
  row.custody = Custody::kSealed;
  row.generation = value.parts.generation;
  row.put_ms = absl::ToUnixMillis(value.put_time);
  row.label = value.parts.label;
  row.wrap = value.parts.wrap;
  row.payload = value.parts.payload;
  if (value.schema_version != entry->definition.schema_version) {
    return absl::FailedPreconditionError(
        "schema_version: is not the newest; ask for the place and seal again");
  }
  LIMPID_RETURN_IF_ERROR(CheckKey(row.owner, row.generation));
  DoneAct done;
  bool counted = false;
  const absl::Status written = WriteUnderKey(
      core_, row.owner, now,
      [&](VaultTransaction& transaction,
          const PersonKey& acts_key) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            done, PutIn(transaction, row, value.attribute, acts_key, now));
        counted = true;
        return absl::OkStatus();
      });
  if (!written.ok()) {
    // A refusal changed nothing, and is not counted anew at each try.
    if (counted) core_.usage().Forget(row.owner);
    return written;
  }
  return done;
}

absl::StatusOr<DoneAct> SealedVault::PutIn(VaultTransaction& transaction,
                                           const AttributeRow& row,
                                           std::string_view attribute,
                                           const PersonKey& acts_key,
                                           absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const auto earlier, transaction.FindByRequest(
                                                  row.owner, row.request_key));
  if (earlier) {
    if (*earlier == row) return ActOf(transaction, row, ActKind::kPut);
    return absl::AlreadyExistsError("request_id: used for another value");
  }
  LIMPID_RETURN_IF_ERROR(CheckNotMoved(transaction, row.owner));
  LIMPID_ASSIGN_OR_RETURN(const bool id_is_new,
                          IdIsNew(core_, transaction, row));
  if (!id_is_new) {
    return absl::AlreadyExistsError(
        "sealed.dek_id: was used before; seal again, with another at random");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t highest,
                          transaction.HighestVersion(row.owner, row.name_key));
  if (highest >= PersonVault::kMaxVersions) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "an attribute has at most ", PersonVault::kMaxVersions, " versions"));
  }
  if (row.version != highest + 1) {
    return absl::AbortedError(
        "version: another was stored in between; ask for the place and seal "
        "again");
  }
  LIMPID_RETURN_IF_ERROR(
      core_.usage().CheckRoom(transaction, row.owner, row.payload.size()));
  LIMPID_RETURN_IF_ERROR(
      LogPersonKey(transaction, core_.acts(), row.owner, acts_key, now));
  LIMPID_RETURN_IF_ERROR(transaction.Insert(row));
  Act act;
  act.kind = ActKind::kPut;
  act.attribute = std::string(attribute);
  act.schema_version = row.schema_version;
  act.value_version = row.version;
  act.key_id = row.id;
  act.body = crypto::Sha256(row.payload);
  // Ours: the device's is inside the value and in the row.
  act.time = now;
  LIMPID_ASSIGN_OR_RETURN(
      const ActRow logged,
      core_.acts().Append(transaction, std::move(act), row.owner, row.name_key,
                          &acts_key));
  core_.usage().Stored(row.owner, row.payload.size());
  return Done(logged);
}

}  // namespace limpid::vault
