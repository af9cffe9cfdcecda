#include "vault/attribute/person_vault.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"

namespace limpid::vault {
namespace {

// Label and value are sealed together; who can seal can still seal them apart.
absl::Status Redated() {
  return absl::DataLossError("a row is not of the days its label says");
}

}  // namespace

// A value that passed every check that needs no state of the person.
struct PersonVault::Draft {
  Owner owner;
  NameKey name_key{};
  RequestKey request_key{};
  std::string attribute;
  CatalogueEntryPtr entry;
  StoredValue value;
  bool replace_sealed = false;
  // A view of the caller.
  DekAuthority authority;
};

PersonVault::PersonVault(VaultCore& core, const ActPublisher& publisher)
    : core_(core), publisher_(publisher) {}

absl::StatusOr<PersonVault::Draft> PersonVault::Check(
    const PersonCaller& caller, const NewValue& value) const {
  Draft draft;
  LIMPID_ASSIGN_OR_RETURN(draft.entry,
                          core_.catalogue().Find(value.attribute, 0));
  json::ParseLimits limits;
  limits.max_bytes = kMaxValueBytes;
  const auto parsed = json::ParseStrict(value.value_json, limits);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("value_json: ", parsed.status().message()));
  }
  const absl::Status fits = draft.entry->schema.Validate(*parsed);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("value_json", fits.message()));
  }
  LIMPID_RETURN_IF_ERROR(CheckAbout(value.about));
  draft.value.about = value.about;
  draft.value.value_json = json::Canonical(*parsed);
  draft.value.put_time =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  if (!value.author_signature.empty()) {
    const base::Bytes statement =
        ProvenanceStatement(core_.identity().source, value.attribute,
                            draft.value.value_json, draft.value.about);
    if (!caller.key.Verify(statement, value.author_signature)) {
      return absl::InvalidArgumentError("author_signature: does not verify");
    }
    auto thumbprint =
        base::Base64UrlDecode(jose::PublicJwk(caller.key).Thumbprint());
    // Invariant: a thumbprint is base64url.
    LIMPID_CHECK(thumbprint.ok());
    draft.value.provenance = {ProvenanceKind::kPersonSigned,
                              *std::move(thumbprint), value.author_signature};
  }
  draft.owner = core_.blinder().OwnerOf(caller.holder);
  draft.authority = caller.authority();
  draft.attribute = value.attribute;
  draft.replace_sealed = value.replace_sealed;
  draft.name_key = core_.blinder().NameKeyOf(caller.holder, value.attribute);
  draft.request_key =
      core_.blinder().RequestKeyOf(caller.holder, value.request_id);
  return draft;
}

absl::StatusOr<DoneAct> PersonVault::Put(const PersonCaller& caller,
                                         const NewValue& value) {
  LIMPID_ASSIGN_OR_RETURN(const Draft draft, Check(caller, value));
  // The second time finds what the first met in its transaction.
  for (int tries = 0; tries < kMostRotations; ++tries) {
    // Before the transaction: what an earlier request stored may be for a key
    // agent to open, and every writer would wait for it.
    LIMPID_ASSIGN_OR_RETURN(
        const auto earlier,
        core_.store().FindByRequest(draft.owner, draft.request_key));
    if (earlier) return Repeat(core_.store(), draft, *earlier);
    DoneAct done;
    bool counted = false;
    bool repeated = false;
    const absl::Status written = WriteUnderKey(
        core_, draft.owner, draft.value.put_time,
        [&](VaultTransaction& transaction,
            const PersonKey& key) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(
              const auto now,
              transaction.FindByRequest(draft.owner, draft.request_key));
          repeated = now.has_value();
          if (repeated) return absl::AbortedError("stored meanwhile");
          LIMPID_ASSIGN_OR_RETURN(done, PutIn(transaction, draft, key));
          counted = true;
          return absl::OkStatus();
        });
    if (repeated) continue;
    // A refusal changed nothing, and is not counted anew at each try.
    if (!written.ok() && counted) core_.usage().Forget(draft.owner);
    LIMPID_RETURN_IF_ERROR(written);
    return done;
  }
  return absl::UnavailableError("the same request is under way; try again");
}

absl::StatusOr<DoneAct> PersonVault::PutIn(VaultTransaction& transaction,
                                           const Draft& draft,
                                           const PersonKey& key) {
  LIMPID_RETURN_IF_ERROR(CheckNotMoved(transaction, draft.owner));
  LIMPID_RETURN_IF_ERROR(CheckReplaces(transaction, draft));
  LIMPID_ASSIGN_OR_RETURN(
      const std::uint64_t highest,
      transaction.HighestVersion(draft.owner, draft.name_key));
  if (highest >= kMaxVersions) {
    return absl::ResourceExhaustedError(
        absl::StrCat("an attribute has at most ", kMaxVersions, " versions"));
  }
  LIMPID_RETURN_IF_ERROR(LogPersonKey(transaction, core_.acts(), draft.owner,
                                      key, draft.value.put_time));

  Place place;
  place.owner = draft.owner;
  place.attribute = draft.attribute;
  place.name_key = draft.name_key;
  place.request_key = draft.request_key;
  place.version = highest + 1;
  place.schema_version = draft.entry->definition.schema_version;
  place.pad_floor_bytes = draft.entry->pad_floor_bytes;
  const AttributeRow row = core_.codec().Seal(key, place, draft.value);
  LIMPID_RETURN_IF_ERROR(
      core_.usage().CheckRoom(transaction, draft.owner, row.payload.size()));
  LIMPID_RETURN_IF_ERROR(transaction.Insert(row));

  Act act;
  act.kind = ActKind::kPut;
  act.attribute = draft.attribute;
  act.schema_version = row.schema_version;
  act.value_version = row.version;
  act.key_id = row.id;
  act.body = crypto::Sha256(row.payload);
  act.time = draft.value.put_time;
  LIMPID_ASSIGN_OR_RETURN(
      const ActRow logged,
      core_.acts().Append(transaction, std::move(act), draft.owner,
                          draft.name_key, &key));
  core_.usage().Stored(draft.owner, row.payload.size());
  return Done(logged);
}

absl::Status PersonVault::CheckReplaces(const VaultReads& reads,
                                        const Draft& draft) {
  if (draft.replace_sealed) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const auto newest,
                          reads.Newest(draft.owner, {&draft.name_key, 1}));
  if (!newest.front() || newest.front()->custody != Custody::kSealed) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "the newest version is sealed: seal the new one too, or say that the "
      "server may open it");
}

absl::StatusOr<DoneAct> PersonVault::Repeat(const VaultReads& reads,
                                            const Draft& draft,
                                            const AttributeRow& seen) {
  AttributeRow row = seen;
  bool same =
      row.name_key == draft.name_key && row.custody == Custody::kAssisted;
  if (same && row.state == RowState::kKept) {
    const auto key = core_.KeyOf(row);
    if (absl::IsNotFound(key.status())) {
      return absl::UnavailableError("your key is gone; try again");
    }
    LIMPID_RETURN_IF_ERROR(key.status());
    // Else erased since it was read, which says nothing of what it was.
    if (row.state == RowState::kKept) {
      LIMPID_ASSIGN_OR_RETURN(
          const StoredValue stored,
          core_.OpenValue(**key, row, draft.attribute, draft.authority));
      same = stored.value_json == draft.value.value_json &&
             stored.provenance == draft.value.provenance &&
             stored.about == draft.value.about;
    }
  }
  if (!same) {
    return absl::AlreadyExistsError("request_id: used for another value");
  }
  return ActOf(reads, row, ActKind::kPut);
}

absl::StatusOr<RowLabel> PersonVault::LabelOf(AttributeRow& row) {
  RowLabel label;
  if (row.custody == Custody::kSealed) {
    LIMPID_ASSIGN_OR_RETURN(label.attribute, core_.SealedNameOf(row));
    return label;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto key, core_.KeyOf(row));
  LIMPID_ASSIGN_OR_RETURN(label, core_.codec().OpenLabel(*key, row));
  if (core_.blinder().NameKeyOf(row.owner.id, label.attribute) !=
      row.name_key) {
    return absl::DataLossError("a row is not about what its label says");
  }
  return label;
}

absl::StatusOr<VersionInfo> PersonVault::Describe(AttributeRow& row) {
  VersionInfo info;
  LIMPID_ASSIGN_OR_RETURN(RowLabel label, LabelOf(row));
  info.attribute = std::move(label.attribute);
  info.about = label.about;
  info.version = row.version;
  info.schema_version = row.schema_version;
  info.put_time = absl::FromUnixMillis(row.put_ms);
  if (row.state == RowState::kErased) {
    info.erase_time = absl::FromUnixMillis(row.erase_ms);
  }
  info.custody = row.custody;
  return info;
}

absl::StatusOr<std::vector<VersionInfo>> PersonVault::DescribeAll(
    std::vector<AttributeRow> rows) {
  std::vector<VersionInfo> out;
  out.reserve(rows.size());
  for (AttributeRow& row : rows) {
    auto described = Describe(row);
    if (absl::IsNotFound(described.status())) {
      LIMPID_ASSIGN_OR_RETURN(
          const auto there,
          core_.store().Find(row.owner, row.name_key, row.version));
      // Erased with everything of hers since the rows were read. A row that is
      // there without its key is a fault that must show.
      if (!there) continue;
    }
    LIMPID_RETURN_IF_ERROR(described.status());
    out.push_back(*std::move(described));
  }
  return out;
}

absl::StatusOr<OwnValue> PersonVault::Get(const PersonCaller& caller,
                                          std::string_view attribute,
                                          std::uint64_t version) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const NameKey name = core_.blinder().NameKeyOf(caller.holder, attribute);
  std::optional<AttributeRow> row;
  if (version == 0) {
    LIMPID_ASSIGN_OR_RETURN(auto rows, core_.store().Newest(owner, {&name, 1}));
    row = std::move(rows.front());
  } else {
    LIMPID_ASSIGN_OR_RETURN(row, core_.store().Find(owner, name, version));
  }
  if (!row || row->state != RowState::kKept) return NoSuchVersion();
  OwnValue out;
  LIMPID_ASSIGN_OR_RETURN(out.info, Describe(*row));
  if (row->custody == Custody::kSealed) {
    LIMPID_ASSIGN_OR_RETURN(auto payload, core_.origins().Unwrap(*row));
    out.sealed = SealedParts{row->id,
                             row->generation,
                             std::move(row->label),
                             std::move(row->wrap),
                             std::move(payload.bytes),
                             std::move(payload.origin)};
    return out;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto key, core_.KeyOf(*row));
  // Erased since it was read.
  if (row->state != RowState::kKept) return NoSuchVersion();
  LIMPID_ASSIGN_OR_RETURN(
      out.value, core_.OpenValue(*key, *row, attribute, caller.authority()));
  if (out.value.about != out.info.about) return Redated();
  return out;
}

absl::StatusOr<std::vector<VersionInfo>> PersonVault::List(
    const PersonCaller& caller) {
  LIMPID_ASSIGN_OR_RETURN(
      auto rows,
      core_.store().ListNewest(core_.blinder().OwnerOf(caller.holder)));
  LIMPID_ASSIGN_OR_RETURN(std::vector<VersionInfo> out,
                          DescribeAll(std::move(rows)));
  std::sort(out.begin(), out.end(),
            [](const VersionInfo& left, const VersionInfo& right) {
              return left.attribute < right.attribute;
            });
  return out;
}

absl::StatusOr<std::vector<VersionInfo>> PersonVault::History(
    const PersonCaller& caller, std::string_view attribute,
    std::uint64_t before, std::size_t limit) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const NameKey name = core_.blinder().NameKeyOf(caller.holder, attribute);
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t highest,
                          core_.store().HighestVersion(owner, name));
  if (highest == 0) return NoSuchVersion();
  LIMPID_ASSIGN_OR_RETURN(auto rows,
                          core_.store().History(owner, name, before, limit));
  return DescribeAll(std::move(rows));
}

absl::StatusOr<ActProof> PersonVault::Prove(const PersonCaller& caller,
                                            std::string_view attribute,
                                            std::uint64_t version,
                                            ActKind kind) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  return ProveAct({owner, core_.blinder().NameKeyOf(caller.holder, attribute),
                   version, kind});
}

absl::StatusOr<ActProof> PersonVault::ProveSlot(
    const PersonCaller& caller, const base::ByteArray<16>& slot_id,
    std::uint64_t version, ActKind kind) {
  return ProveAct(
      {core_.blinder().OwnerOf(caller.holder), slot_id, version, kind});
}

absl::StatusOr<ActProof> PersonVault::ProveSource(const PersonCaller& caller,
                                                  std::string_view source,
                                                  std::uint64_t version,
                                                  ActKind kind) {
  return ProveAct({core_.blinder().OwnerOf(caller.holder),
                   core_.blinder().SourceKeyOf(caller.holder, source), version,
                   kind});
}

absl::StatusOr<ActProof> PersonVault::ProveAct(const ActKey& act) {
  LIMPID_ASSIGN_OR_RETURN(auto row, core_.store().FindAct(act));
  if (!row) return absl::NotFoundError("no such act");
  ActProof proof;
  proof.commitment = row->commitment;
  LIMPID_ASSIGN_OR_RETURN(proof.disclosure, core_.DisclosureOf(*row));
  proof.promised_by = Done(*row).promised_by;
  LIMPID_ASSIGN_OR_RETURN(proof.leaf, publisher_.Prove(row->counter));
  return proof;
}

}  // namespace limpid::vault
