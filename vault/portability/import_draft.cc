#include "vault/portability/import_draft.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"
#include "vault/custody/sealed_vault.h"
#include "vault/portability/carrier.h"

namespace limpid::vault {
namespace {

bool IsSignedBy(const crypto::Ed25519PublicKey& key,
                const CarriedVersion& version) {
  const auto thumbprint =
      base::Base64UrlDecode(jose::PublicJwk(key).Thumbprint());
  return thumbprint.ok() && *thumbprint == version.provenance.key_thumbprint &&
         key.Verify(
             ProvenanceStatement(version.origin.vault.source, version.attribute,
                                 version.value_json, version.about),
             version.provenance.signature);
}

ImportResult CheckValue(const PersonCaller& caller,
                        const CarriedVersion& version,
                        const CatalogueEntry& entry) {
  json::ParseLimits limits;
  limits.max_bytes = kMaxValueBytes;
  const auto value = json::ParseStrict(version.value_json, limits);
  if (!value.ok()) {
    return Refused(ImportRefusal::kBreaksSchema,
                   absl::StrCat("value: ", value.status().message()));
  }
  const absl::Status fits = entry.schema.Validate(*value);
  if (!fits.ok()) {
    return Refused(ImportRefusal::kBreaksSchema,
                   absl::StrCat("value", fits.message()));
  }
  if (version.provenance.kind == ProvenanceKind::kPersonSigned &&
      !IsSignedBy(caller.key, version)) {
    return Refused(ImportRefusal::kSignature,
                   "the signature is not by the key of this account");
  }
  return Fine();
}

absl::StatusOr<std::optional<KnownRow>> Look(VaultCore& core,
                                             const ImportDraft& draft,
                                             std::uint64_t version) {
  LIMPID_ASSIGN_OR_RETURN(
      auto row, core.store().Find(draft.owner, draft.name_key, version));
  if (!row) return std::nullopt;
  std::shared_ptr<const PersonKey> key;
  if (row->custody == Custody::kAssisted) {
    LIMPID_ASSIGN_OR_RETURN(key, core.KeyOf(*row));
  }
  LIMPID_ASSIGN_OR_RETURN(
      std::string line,
      LineOfRow(core, *row, draft.version.attribute, key.get()));
  KnownRow out{row->id, row->state, row->generation,
               crypto::Sha256(base::AsBytes(line))};
  base::Wipe(line);
  return out;
}

// What a version of a sealed attribute that was erased before it came has: its
// name is told by its name key, and nothing of it is under a key of ours.
AttributeRow BareRow(AttributeRow row) {
  row.custody = Custody::kSealed;
  row.label.clear();
  return row;
}

AttributeRow RowOf(const VaultCore& core, const ImportDraft& draft,
                   const PersonKey& key) {
  const CarriedVersion& version = draft.version;
  Place place;
  place.owner = draft.owner;
  place.attribute = version.attribute;
  place.name_key = draft.name_key;
  place.request_key = draft.request_key;
  place.version = version.version;
  place.schema_version = version.schema_version;
  place.pad_floor_bytes = draft.entry->pad_floor_bytes;
  if (version.custody == Custody::kAssisted && !version.erase_time) {
    StoredValue value = {version.provenance, version.put_time,
                         version.value_json, version.about,
                         version.origin.vault};
    AttributeRow row = core.codec().Seal(key, place, value);
    base::Wipe(value.value_json);
    return row;
  }
  AttributeRow row = core.codec().SealErased(
      key, place, version.about, absl::ToUnixMillis(version.put_time),
      absl::ToUnixMillis(version.erase_time.value_or(absl::UnixEpoch())));
  if (version.custody == Custody::kAssisted) return row;
  row = BareRow(std::move(row));
  if (!version.sealed) return row;
  row.state = RowState::kKept;
  row.id = version.sealed->id;
  row.generation = version.sealed->generation;
  row.label = version.sealed->label;
  row.wrap = version.sealed->wrap;
  row.payload =
      core.origins().Wrap(row, version.origin, version.sealed->payload);
  return row;
}

std::optional<ImportResult> KeyFault(std::span<const SlotRow> slots,
                                     const SealedParts& sealed) {
  const bool there =
      std::any_of(slots.begin(), slots.end(), [&](const SlotRow& slot) {
        return slot.generation == sealed.generation;
      });
  if (there) return std::nullopt;
  return Refused(ImportRefusal::kNoSlot,
                 "no slot of the key it is sealed under is here");
}

absl::Status MakeOneReady(VaultCore& core, const PersonKey& key,
                          const ImportDraft* earlier, ImportDraft& draft) {
  const std::uint64_t version = draft.version.version;
  draft.row = {};
  draft.payload = {};
  draft.before.reset();
  LIMPID_ASSIGN_OR_RETURN(draft.there, Look(core, draft, version));
  if (draft.there) return absl::OkStatus();
  const bool follows = earlier != nullptr &&
                       earlier->name_key == draft.name_key &&
                       earlier->version.version + 1 == version;
  if (follows) {
    draft.before = earlier->there;
  } else if (version > 1) {
    LIMPID_ASSIGN_OR_RETURN(draft.before, Look(core, draft, version - 1));
  }
  draft.row = RowOf(core, draft, key);
  if (!draft.row.payload.empty()) {
    draft.payload = crypto::Sha256(draft.row.payload);
  }
  return absl::OkStatus();
}

}  // namespace

ImportResult Refused(ImportRefusal why, std::string detail) {
  return {ImportOutcome::kRefused, why, std::move(detail)};
}

ImportResult Refused(ImportRefusal why, const absl::Status& status) {
  return Refused(why, std::string(base::ToStd(status.message())));
}

ImportResult CheckDraft(const VaultCore& core, const PersonCaller& caller,
                        ImportDraft& draft) {
  const CarriedVersion& version = draft.version;
  auto newest = core.catalogue().Find(version.attribute, 0);
  if (!newest.ok()) {
    return Refused(ImportRefusal::kUnknownAttribute,
                   "the catalogue here has no such attribute");
  }
  auto entry = core.catalogue().Find(version.attribute, version.schema_version);
  if (!entry.ok() || SchemaDigest((*entry)->definition) != version.schema) {
    return Refused(ImportRefusal::kOtherSchema,
                   "the catalogue here has another schema under this version");
  }
  draft.entry = *std::move(entry);
  const absl::Time latest = draft.now + Importer::kMaxSkew;
  if (version.put_time > latest ||
      version.erase_time.value_or(version.put_time) > latest) {
    return Refused(ImportRefusal::kFuture, "put or erased: is not over yet");
  }
  if (version.erase_time) {
    return *version.erase_time >= version.put_time
               ? Fine()
               : Refused(ImportRefusal::kMalformed,
                         "erased: is before it was put");
  }
  if (!version.sealed) return CheckValue(caller, version, *draft.entry);
  // The catalogue's word of today.
  if ((*newest)->definition.assisted_only) {
    return Refused(ImportRefusal::kNotSealable,
                   "the catalogue here does not let it be sealed");
  }
  const absl::Status parts = CheckParts(*version.sealed, version.attribute);
  return parts.ok() ? Fine() : Refused(ImportRefusal::kMalformed, parts);
}

absl::Status MakeReady(VaultCore& core, const PersonKey& key,
                       std::span<ImportDraft> drafts) {
  if (drafts.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(
      const auto slots,
      core.key_store().List(drafts.front().owner, Custody::kSealed));
  const ImportDraft* earlier = nullptr;
  for (ImportDraft& draft : drafts) {
    draft.key_fault = draft.version.sealed
                          ? KeyFault(slots, *draft.version.sealed)
                          : std::nullopt;
    const absl::Status ready = MakeOneReady(core, key, earlier, draft);
    if (absl::IsNotFound(ready)) {
      return absl::UnavailableError("your key is gone; try again");
    }
    LIMPID_RETURN_IF_ERROR(ready);
    earlier = &draft;
  }
  return absl::OkStatus();
}

}  // namespace limpid::vault
