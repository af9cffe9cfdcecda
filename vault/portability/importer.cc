#include "vault/portability/importer.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"
#include "vault/custody/sealed_vault.h"
#include "vault/portability/carrier.h"

namespace limpid::vault {
namespace {

ImportResult Refused(ImportRefusal why, std::string detail) {
  return {ImportOutcome::kRefused, why, std::move(detail)};
}
ImportResult Refused(ImportRefusal why, const absl::Status& status) {
  return Refused(why, std::string(base::ToStd(status.message())));
}
ImportResult Fine() {
  return {ImportOutcome::kCreated, ImportRefusal::kNone, ""};
}
ImportResult Unchanged() {
  return {ImportOutcome::kUnchanged, ImportRefusal::kNone, ""};
}

ImportResult OtherValue(std::string_view what) {
  return Refused(ImportRefusal::kOtherValue,
                 absl::StrCat(base::ToAbsl(what),
                              " is here already, with other contents"));
}

base::Digest32 DigestOf(std::string_view line) {
  return crypto::Sha256(base::AsBytes(line));
}

// The same line asked again is found by what is there, so this need not be
// kept secret or random: unlike a put's it only has to be unique.
base::ByteArray<16> RequestIdOf(const CarriedVersion& version) {
  base::ByteWriter writer("limpid/vault/import-request/1");
  const base::Digest32 digest =
      crypto::Sha256(writer.Lp(version.attribute).U64(version.version).bytes());
  base::ByteArray<16> out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

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

}  // namespace

struct Importer::Draft {
  // Where its result goes.
  std::size_t place = 0;
  Owner owner;
  NameKey name_key{};
  RequestKey request_key{};
  CatalogueEntryPtr entry;
  CarriedVersion version;
  base::Digest32 line{};
  base::Digest32 previous{};
  absl::Time now;
};

ImportResult Importer::CheckValue(const PersonCaller& caller,
                                  const CarriedVersion& version,
                                  const CatalogueEntry& entry) const {
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

ImportResult Importer::CheckVersion(const PersonCaller& caller,
                                    const CarriedVersion& version,
                                    Draft& draft) const {
  auto newest = core_.catalogue().Find(version.attribute, 0);
  if (!newest.ok()) {
    return Refused(ImportRefusal::kUnknownAttribute,
                   "the catalogue here has no such attribute");
  }
  auto entry =
      core_.catalogue().Find(version.attribute, version.schema_version);
  if (!entry.ok() || SchemaDigest((*entry)->definition) != version.schema) {
    return Refused(ImportRefusal::kOtherSchema,
                   "the catalogue here has another schema under this version");
  }
  draft.entry = *std::move(entry);
  const absl::Time latest = draft.now + kMaxSkew;
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

absl::StatusOr<ImportResult> Importer::AddSlot(const PersonCaller& caller,
                                               const ImportLine& line,
                                               const Slot& slot) {
  LIMPID_ASSIGN_OR_RETURN(const auto there, slots_.List(caller));
  for (const Slot& one : there) {
    if (one.name.kind != slot.name.kind || one.name.id != slot.name.id ||
        one.name.generation != slot.name.generation) {
      continue;
    }
    if (LineOfSlot(core_, caller, one) != line.line) {
      return OtherValue("this slot");
    }
    // Its act may be lost with an older store, and is logged anew then.
    const absl::Status again = slots_.Add(caller, one).status();
    // Signed by an account key of before: it is here all the same.
    if (again.ok() || absl::IsInvalidArgument(again)) return Unchanged();
    return again;
  }
  if (slot.created > core_.clock().Now() + kMaxSkew) {
    return Refused(ImportRefusal::kFuture, "created: is not over yet");
  }
  const absl::Status added = slots_.Add(caller, slot).status();
  if (added.ok()) return Fine();
  if (absl::IsInvalidArgument(added)) {
    return Refused(ImportRefusal::kSignature, added);
  }
  if (absl::IsAlreadyExists(added)) {
    return Refused(ImportRefusal::kOtherValue, added);
  }
  if (absl::IsResourceExhausted(added)) {
    return Refused(ImportRefusal::kLimit, added);
  }
  // Of a key that is not the one whose slots are here, if there are any;
  // without any, her erasure.
  if (absl::IsFailedPrecondition(added) && !there.empty()) {
    return Refused(ImportRefusal::kOtherKey, added);
  }
  return added;
}

absl::StatusOr<base::Digest32> Importer::DigestOfRow(
    const AttributeRow& row, std::string_view attribute) {
  std::shared_ptr<const PersonKey> key;
  if (row.custody == Custody::kAssisted) {
    // Of this transaction's state, so no rotation is between row and key; an
    // erasure of everything may be.
    LIMPID_ASSIGN_OR_RETURN(key, core_.keys().Find(row.owner, row.generation));
  }
  LIMPID_ASSIGN_OR_RETURN(std::string line,
                          LineOfRow(core_, row, attribute, key.get()));
  const base::Digest32 digest = DigestOf(line);
  base::Wipe(line);
  return digest;
}

absl::StatusOr<bool> Importer::Continues(const VaultReads& reads,
                                         const Draft& draft) {
  if (draft.version.version == 1) {
    return draft.previous == base::Digest32{};
  }
  LIMPID_ASSIGN_OR_RETURN(auto row, reads.Find(draft.owner, draft.name_key,
                                               draft.version.version - 1));
  if (!row) return false;
  LIMPID_ASSIGN_OR_RETURN(const base::Digest32 line,
                          DigestOfRow(*row, draft.version.attribute));
  return line == draft.previous;
}

AttributeRow Importer::RowOf(const Draft& draft, const PersonKey& key) const {
  const CarriedVersion& version = draft.version;
  const std::int64_t put_ms = absl::ToUnixMillis(version.put_time);
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
    AttributeRow row = core_.codec().Seal(key, place, value);
    base::Wipe(value.value_json);
    return row;
  }
  AttributeRow row = core_.codec().SealErased(
      key, place, version.about, put_ms,
      absl::ToUnixMillis(version.erase_time.value_or(absl::UnixEpoch())));
  if (version.custody == Custody::kAssisted) return row;
  // Its name is told by its name key; nothing of it is under a key of ours.
  row.custody = Custody::kSealed;
  row.label.clear();
  if (!version.sealed) return row;
  row.state = RowState::kKept;
  row.id = version.sealed->id;
  row.generation = version.sealed->generation;
  row.label = version.sealed->label;
  row.wrap = version.sealed->wrap;
  row.payload =
      core_.origins().Wrap(row, version.origin, version.sealed->payload);
  return row;
}

absl::Status Importer::Log(VaultTransaction& transaction, const Draft& draft,
                           const AttributeRow& row, const PersonKey& key) {
  Act act;
  act.kind = ActKind::kPut;
  act.attribute = draft.version.attribute;
  act.schema_version = row.schema_version;
  act.value_version = row.version;
  act.key_id = row.id;
  if (!row.payload.empty()) act.body = crypto::Sha256(row.payload);
  // When it came here; when it was put first is in the row.
  act.time = draft.now;
  LIMPID_RETURN_IF_ERROR(
      core_.acts()
          .Append(transaction, act, draft.owner, draft.name_key, &key)
          .status());
  if (row.state == RowState::kKept) return absl::OkStatus();
  act.kind = ActKind::kErase;
  return core_.acts()
      .Append(transaction, act, draft.owner, draft.name_key, &key)
      .status();
}

absl::StatusOr<ImportResult> Importer::AddVersion(VaultTransaction& transaction,
                                                  const Draft& draft,
                                                  const PersonKey& key) {
  const CarriedVersion& version = draft.version;
  LIMPID_ASSIGN_OR_RETURN(
      const auto there,
      transaction.Find(draft.owner, draft.name_key, version.version));
  if (there) {
    LIMPID_ASSIGN_OR_RETURN(const base::Digest32 line,
                            DigestOfRow(*there, version.attribute));
    return line == draft.line ? Unchanged() : OtherValue("this version");
  }
  LIMPID_ASSIGN_OR_RETURN(const bool continues, Continues(transaction, draft));
  if (!continues) {
    return Refused(ImportRefusal::kGap,
                   "the version before it is not here as it was brought");
  }
  if (version.version > PersonVault::kMaxVersions) {
    return Refused(ImportRefusal::kLimit,
                   absl::StrCat("an attribute has at most ",
                                PersonVault::kMaxVersions, " versions"));
  }
  if (version.sealed) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto slots,
        core_.key_store().List(draft.owner, Custody::kSealed));
    const auto of_key = [&](const SlotRow& slot) {
      return slot.generation == version.sealed->generation;
    };
    if (std::none_of(slots.begin(), slots.end(), of_key)) {
      return Refused(ImportRefusal::kNoSlot,
                     "no slot of the key it is sealed under is here");
    }
  }
  const AttributeRow row = RowOf(draft, key);
  if (version.sealed) {
    LIMPID_ASSIGN_OR_RETURN(const bool id_is_new,
                            IdIsNew(core_, transaction, row));
    if (!id_is_new) return OtherValue("a row of this dek_id");
  }
  const absl::Status room =
      core_.usage().CheckRoom(transaction, draft.owner, row.payload.size());
  if (absl::IsResourceExhausted(room)) {
    return Refused(ImportRefusal::kLimit, room);
  }
  LIMPID_RETURN_IF_ERROR(room);
  LIMPID_RETURN_IF_ERROR(transaction.Insert(row));
  LIMPID_RETURN_IF_ERROR(Log(transaction, draft, row, key));
  core_.usage().Stored(draft.owner, row.payload.size());
  return Fine();
}

absl::StatusOr<DoneAct> Importer::LogBatch(VaultTransaction& transaction,
                                           const Owner& owner,
                                           const base::Digest32& bundle,
                                           const PersonKey& key,
                                           absl::Time now) {
  Act act;
  act.kind = ActKind::kImport;
  act.value_version = static_cast<std::uint64_t>(absl::ToUnixMillis(now));
  act.body = bundle;
  act.time = now;
  LIMPID_ASSIGN_OR_RETURN(
      const ActRow row,
      core_.acts().Append(transaction, std::move(act), owner, NameKey(), &key));
  return Done(row);
}

absl::Status Importer::WriteVersions(const Owner& owner,
                                     const base::Digest32& bundle,
                                     std::span<const Draft> drafts,
                                     ImportAnswer& answer) {
  const absl::Time now = drafts.front().now;
  const absl::Status written = WriteUnderKey(
      core_, owner, now,
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(CheckNotMoved(transaction, owner));
        LIMPID_RETURN_IF_ERROR(
            LogPersonKey(transaction, core_.acts(), owner, key, now));
        bool created = false;
        for (const Draft& draft : drafts) {
          ImportResult& result = answer.results[draft.place];
          LIMPID_ASSIGN_OR_RETURN(result, AddVersion(transaction, draft, key));
          created = created || result.outcome == ImportOutcome::kCreated;
        }
        if (!created) return absl::OkStatus();
        LIMPID_ASSIGN_OR_RETURN(answer.act,
                                LogBatch(transaction, owner, bundle, key, now));
        return absl::OkStatus();
      });
  // Some may have been counted before it failed.
  if (!written.ok()) core_.usage().Forget(owner);
  // Her key, or a row of hers, went while it was compared.
  if (absl::IsNotFound(written)) {
    return absl::UnavailableError("your key is gone; try again");
  }
  return written;
}

absl::StatusOr<ImportAnswer> Importer::Import(
    const PersonCaller& caller, const base::Digest32& bundle,
    std::span<const ImportLine> lines) {
  if (lines.size() > kMaxBatchLines) {
    return absl::InvalidArgumentError(
        absl::StrCat("lines: must be at most ", kMaxBatchLines));
  }
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  // Before any slot; once more in the transaction.
  LIMPID_RETURN_IF_ERROR(CheckNotMoved(core_.store(), owner));
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  ImportAnswer answer;
  answer.results.resize(lines.size());
  std::vector<Draft> drafts;
  drafts.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ImportResult& result = answer.results[i];
    auto item = ParseBundleLine(lines[i].line);
    if (!item.ok()) {
      result = Refused(ImportRefusal::kMalformed, item.status());
      continue;
    }
    if (const Slot* const slot = std::get_if<Slot>(&*item)) {
      if (slot->name.kind == SlotKind::kRecovery) {
        result = Refused(ImportRefusal::kMalformed,
                         "kind: recovery slots do not travel; make them anew");
        continue;
      }
      LIMPID_ASSIGN_OR_RETURN(result, AddSlot(caller, lines[i], *slot));
      continue;
    }
    Draft draft;
    draft.place = i;
    draft.owner = owner;
    draft.now = now;
    draft.version = std::get<CarriedVersion>(*std::move(item));
    draft.name_key =
        core_.blinder().NameKeyOf(caller.holder, draft.version.attribute);
    draft.request_key =
        core_.blinder().RequestKeyOf(caller.holder, RequestIdOf(draft.version));
    draft.line = DigestOf(lines[i].line);
    draft.previous = lines[i].previous;
    result = CheckVersion(caller, draft.version, draft);
    if (result.outcome == ImportOutcome::kCreated) {
      drafts.push_back(std::move(draft));
    }
  }
  if (drafts.empty()) return answer;
  LIMPID_RETURN_IF_ERROR(WriteVersions(owner, bundle, drafts, answer));
  return answer;
}

}  // namespace limpid::vault
