#include "vault/portability/importer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "vault/custody/sealed_vault.h"
#include "vault/portability/carrier.h"
#include "vault/portability/import_draft.h"

namespace limpid::vault {
namespace {

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

// Nobody signs a passphrase slot, and the first slot of a person decides which
// key is hers, for good: one that somebody put into a bundle would shut hers
// out.
bool IsVouchedFor(const Slot& slot, std::span<const Slot> there) {
  return slot.name.kind != SlotKind::kPassphrase ||
         std::any_of(there.begin(), there.end(), [&](const Slot& one) {
           return one.name.kind == SlotKind::kDevice &&
                  one.name.generation == slot.name.generation &&
                  one.key_id == slot.key_id;
         });
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

}  // namespace

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
  if (!IsVouchedFor(slot, there)) {
    return Refused(
        ImportRefusal::kSignature,
        "a passphrase slot is signed by nobody: it is taken beside a "
        "device's slot of the same key");
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

// One transaction of an import.
struct Importer::Batch {
  VaultTransaction& transaction;
  const PersonKey& key;
  // What was stored in it so far.
  std::vector<KnownRow> made;
  // Something is not as MakeReady saw it.
  bool stale = false;

  // `row` as it was seen, or as it was made here; null when it is neither.
  const KnownRow* Known(const AttributeRow& row,
                        const std::optional<KnownRow>& seen) {
    if (seen && seen->Is(row)) return &*seen;
    const auto found =
        std::find_if(made.begin(), made.end(),
                     [&](const KnownRow& one) { return one.Is(row); });
    return found == made.end() ? nullptr : &*found;
  }
  absl::Status Stale() {
    stale = true;
    return absl::AbortedError("something of hers changed meanwhile");
  }
};

absl::Status Importer::Log(Batch& batch, const ImportDraft& draft) {
  Act act;
  act.kind = ActKind::kPut;
  act.attribute = draft.version.attribute;
  act.schema_version = draft.row.schema_version;
  act.value_version = draft.row.version;
  act.key_id = draft.row.id;
  act.body = draft.payload;
  // When it came here; when it was put first is in the row.
  act.time = draft.now;
  LIMPID_RETURN_IF_ERROR(core_.acts()
                             .Append(batch.transaction, act, draft.owner,
                                     draft.name_key, &batch.key)
                             .status());
  if (draft.row.state == RowState::kKept) return absl::OkStatus();
  act.kind = ActKind::kErase;
  return core_.acts()
      .Append(batch.transaction, act, draft.owner, draft.name_key, &batch.key)
      .status();
}

absl::StatusOr<bool> Importer::Continues(Batch& batch,
                                         const ImportDraft& draft) {
  if (draft.version.version == 1) {
    return draft.previous == base::Digest32{};
  }
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          batch.transaction.Find(draft.owner, draft.name_key,
                                                 draft.version.version - 1));
  if (!row) return false;
  const KnownRow* const known = batch.Known(*row, draft.before);
  if (known == nullptr) return batch.Stale();
  return known->HasLine(draft.previous);
}

absl::StatusOr<std::optional<ImportResult>> Importer::CheckPlace(
    Batch& batch, const ImportDraft& draft) {
  const CarriedVersion& version = draft.version;
  LIMPID_ASSIGN_OR_RETURN(
      const auto there,
      batch.transaction.Find(draft.owner, draft.name_key, version.version));
  if (there) {
    const KnownRow* const known = batch.Known(*there, draft.there);
    if (known == nullptr) return batch.Stale();
    return known->HasLine(draft.line) ? Unchanged()
                                      : OtherValue("this version");
  }
  // It went, and nothing was sealed for its place.
  if (draft.there) return batch.Stale();
  LIMPID_ASSIGN_OR_RETURN(const bool continues, Continues(batch, draft));
  if (!continues) {
    return Refused(ImportRefusal::kGap,
                   "the version before it is not here as it was brought");
  }
  if (version.version > PersonVault::kMaxVersions) {
    return Refused(ImportRefusal::kLimit,
                   absl::StrCat("an attribute has at most ",
                                PersonVault::kMaxVersions, " versions"));
  }
  if (!version.sealed) return std::nullopt;
  if (draft.key_fault) return draft.key_fault;
  LIMPID_ASSIGN_OR_RETURN(const bool id_is_new,
                          IdIsNew(core_, batch.transaction, draft.row));
  if (!id_is_new) return OtherValue("a row of this dek_id");
  return std::nullopt;
}

absl::StatusOr<ImportResult> Importer::AddVersion(Batch& batch,
                                                  const ImportDraft& draft) {
  LIMPID_ASSIGN_OR_RETURN(auto against, CheckPlace(batch, draft));
  if (against) return *std::move(against);
  const std::size_t bytes = draft.row.payload.size();
  const absl::Status room =
      core_.usage().CheckRoom(batch.transaction, draft.owner, bytes);
  if (absl::IsResourceExhausted(room)) {
    return Refused(ImportRefusal::kLimit, room);
  }
  LIMPID_RETURN_IF_ERROR(room);
  LIMPID_RETURN_IF_ERROR(batch.transaction.Insert(draft.row));
  LIMPID_RETURN_IF_ERROR(Log(batch, draft));
  core_.usage().Stored(draft.owner, bytes);
  batch.made.push_back({draft.row.id, draft.row.state, draft.row.generation,
                        draft.line, draft.line});
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

absl::Status Importer::StoreIn(Batch& batch, const base::Digest32& bundle,
                               std::span<const ImportDraft> drafts,
                               ImportAnswer& answer) {
  const ImportDraft& first = drafts.front();
  LIMPID_RETURN_IF_ERROR(CheckNotMoved(batch.transaction, first.owner));
  LIMPID_RETURN_IF_ERROR(LogPersonKey(batch.transaction, core_.acts(),
                                      first.owner, batch.key, first.now));
  for (const ImportDraft& draft : drafts) {
    LIMPID_ASSIGN_OR_RETURN(answer.results[draft.place],
                            AddVersion(batch, draft));
  }
  if (batch.made.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(answer.act, LogBatch(batch.transaction, first.owner,
                                               bundle, batch.key, first.now));
  return absl::OkStatus();
}

absl::Status Importer::Store(const PersonCaller& caller,
                             const base::Digest32& bundle,
                             std::span<ImportDraft> drafts,
                             ImportAnswer& answer) {
  const Owner owner = drafts.front().owner;
  const absl::Time now = drafts.front().now;
  for (int tries = 0; tries < kMostRotations; ++tries) {
    LIMPID_ASSIGN_OR_RETURN(const auto sealed_under,
                            NewestKey(core_, owner, now));
    LIMPID_RETURN_IF_ERROR(
        MakeReady(core_, slots_, caller, *sealed_under, drafts));
    bool stale = false;
    absl::Status written = WriteUnderKey(
        core_, owner, now,
        [&](VaultTransaction& transaction,
            const PersonKey& key) -> absl::Status {
          Batch batch{transaction, key, {}, false};
          absl::Status stored = key.id == sealed_under->id
                                    ? StoreIn(batch, bundle, drafts, answer)
                                    : batch.Stale();
          stale = batch.stale;
          return stored;
        });
    // Some may have been counted before it failed.
    if (!written.ok()) core_.usage().Forget(owner);
    if (!stale) return written;
  }
  return absl::UnavailableError(
      "what you keep here is being changed; try again");
}

ImportDraft Importer::DraftOf(const PersonCaller& caller,
                              const ImportLine& line,
                              CarriedVersion version) const {
  const Blinder& blinder = core_.blinder();
  ImportDraft out;
  out.owner = blinder.OwnerOf(caller.holder);
  out.authority = caller.authority();
  out.version = std::move(version);
  out.name_key = blinder.NameKeyOf(caller.holder, out.version.attribute);
  out.request_key =
      blinder.RequestKeyOf(caller.holder, RequestIdOf(out.version));
  out.line = DigestOf(line.line);
  out.previous = line.previous;
  return out;
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
  std::vector<ImportDraft> drafts;
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
    ImportDraft draft =
        DraftOf(caller, lines[i], std::get<CarriedVersion>(*std::move(item)));
    draft.place = i;
    draft.now = now;
    result = CheckDraft(core_, caller, draft);
    if (result.outcome == ImportOutcome::kCreated) {
      drafts.push_back(std::move(draft));
    }
  }
  if (drafts.empty()) return answer;
  const absl::Status stored = Store(caller, bundle, drafts, answer);
  if (absl::IsNotFound(stored)) {
    return absl::UnavailableError("your key is gone; try again");
  }
  LIMPID_RETURN_IF_ERROR(stored);
  return answer;
}

}  // namespace limpid::vault
