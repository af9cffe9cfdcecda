#include "vault/portability/import_draft.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

absl::StatusOr<base::Digest32> DigestOfRow(const VaultCore& core,
                                           const AttributeRow& row,
                                           std::string_view attribute,
                                           const RowKeys& keys) {
  LIMPID_ASSIGN_OR_RETURN(std::string line,
                          LineOfRow(core, row, attribute, keys));
  const base::Digest32 out = crypto::Sha256(base::AsBytes(line));
  base::Wipe(line);
  return out;
}

absl::StatusOr<std::optional<KnownRow>> Look(VaultCore& core,
                                             const ImportDraft& draft,
                                             std::uint64_t version,
                                             std::span<const SlotRow> slots) {
  LIMPID_ASSIGN_OR_RETURN(
      auto row, core.store().Find(draft.owner, draft.name_key, version));
  if (!row) return std::nullopt;
  std::shared_ptr<const PersonKey> key;
  if (row->custody == Custody::kAssisted) {
    LIMPID_ASSIGN_OR_RETURN(key, core.KeyOf(*row));
  }
  const std::string& attribute = draft.version.attribute;
  RowKeys keys{key.get(), std::nullopt, draft.authority};
  KnownRow out{row->id, row->state, row->generation};
  LIMPID_ASSIGN_OR_RETURN(out.older_line,
                          DigestOfRow(core, *row, attribute, keys));
  out.line = out.older_line;
  if (row->custody == Custody::kAssisted) return out;
  keys.sealed = SealedKeyOf(slots, row->generation);
  LIMPID_ASSIGN_OR_RETURN(out.line, DigestOfRow(core, *row, attribute, keys));
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

// The slots of her sealed key, by which a version's own key is known.
struct Ways {
  std::vector<SlotRow> slots;
  // With their origins; only for versions that do not name their key.
  std::vector<Slot> opened;
};

absl::StatusOr<Ways> WaysFor(VaultCore& core, SlotDesk& desk,
                             const PersonCaller& caller,
                             std::span<const ImportDraft> drafts) {
  Ways out;
  LIMPID_ASSIGN_OR_RETURN(
      out.slots, core.key_store().List(core.blinder().OwnerOf(caller.holder),
                                       Custody::kSealed));
  const bool unnamed =
      std::any_of(drafts.begin(), drafts.end(), [](const ImportDraft& draft) {
        return draft.version.sealed && !draft.version.key_id;
      });
  if (unnamed) {
    LIMPID_ASSIGN_OR_RETURN(out.opened, desk.List(caller));
  }
  return out;
}

// Whether it is under the key whose slots are here: else no device would ever
// open it. The number of a key is no name: everybody's first has the number 1.
std::optional<ImportResult> KeyFault(const Ways& ways, const SealedOrigin& here,
                                     const CarriedVersion& version) {
  const std::uint32_t generation = version.sealed->generation;
  const auto key = SealedKeyOf(ways.slots, generation);
  if (!key) {
    return Refused(ImportRefusal::kNoSlot,
                   "no slot of the key it is sealed under is here");
  }
  if (version.key_id) {
    if (*key == *version.key_id) return std::nullopt;
    return Refused(ImportRefusal::kOtherKey,
                   "it is sealed under another key than the one whose slots "
                   "are here");
  }
  // At one place one holder has one key of a number.
  const bool same_place = std::any_of(
      ways.opened.begin(), ways.opened.end(), [&](const Slot& slot) {
        return slot.name.generation == generation &&
               slot.origin.value_or(here) == version.origin;
      });
  if (same_place) return std::nullopt;
  return Refused(ImportRefusal::kOtherKey,
                 "it does not name its key, and no slot here is from where it "
                 "was sealed: export it anew, with a newer version");
}

absl::Status MakeOneReady(VaultCore& core, const PersonKey& key,
                          std::span<const SlotRow> slots,
                          const ImportDraft* earlier, ImportDraft& draft) {
  const std::uint64_t version = draft.version.version;
  draft.row = {};
  draft.payload = {};
  draft.before.reset();
  LIMPID_ASSIGN_OR_RETURN(draft.there, Look(core, draft, version, slots));
  if (draft.there) return absl::OkStatus();
  const bool follows = earlier != nullptr &&
                       earlier->name_key == draft.name_key &&
                       earlier->version.version + 1 == version;
  if (follows) {
    draft.before = earlier->there;
  } else if (version > 1) {
    LIMPID_ASSIGN_OR_RETURN(draft.before,
                            Look(core, draft, version - 1, slots));
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

absl::Status MakeReady(VaultCore& core, SlotDesk& desk,
                       const PersonCaller& caller, const PersonKey& key,
                       std::span<ImportDraft> drafts) {
  LIMPID_ASSIGN_OR_RETURN(const Ways ways, WaysFor(core, desk, caller, drafts));
  const SealedOrigin here{core.identity(), caller.holder};
  const ImportDraft* earlier = nullptr;
  for (ImportDraft& draft : drafts) {
    draft.key_fault = draft.version.sealed ? KeyFault(ways, here, draft.version)
                                           : std::nullopt;
    LIMPID_RETURN_IF_ERROR(MakeOneReady(core, key, ways.slots, earlier, draft));
    earlier = &draft;
  }
  return absl::OkStatus();
}

}  // namespace limpid::vault
