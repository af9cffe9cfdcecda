#include "vault/connectors/source_desk.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "vault/connectors/held_connector.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kActLabel = "limpid/vault/source-link-act/1";

absl::Status NotLinked() {
  return absl::NotFoundError("source: you are not linked there; link it first");
}

// Nothing of one transaction's state; a rotation may come between row and key.
absl::StatusOr<std::vector<SourceLink>> OpenLinks(VaultCore& core,
                                                  const VaultReads& reads,
                                                  const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows, reads.SourceLinks(owner));
  std::vector<SourceLink> out;
  for (const SourceLinkRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const auto key,
                            core.keys().Find(owner, row.generation));
    LIMPID_ASSIGN_OR_RETURN(SourceLink link, core.links().Open(*key, row));
    if (core.blinder().SourceKeyOf(owner.id, link.source) != row.source_key) {
      return absl::DataLossError("a link is not to the source its row is of");
    }
    out.push_back(std::move(link));
  }
  std::sort(out.begin(), out.end(),
            [](const SourceLink& left, const SourceLink& right) {
              return left.source < right.source;
            });
  return out;
}

}  // namespace

absl::StatusOr<std::vector<SourceLink>> LinksOf(VaultCore& core,
                                                const Owner& owner) {
  for (int tries = 0;; ++tries) {
    auto links = OpenLinks(core, core.store(), owner);
    if (!absl::IsNotFound(links.status())) return links;
    // Her key was rotated since the rows were read, or everything of hers was
    // erased, and the rows are gone too.
    if (tries == kMostRotations) {
      return absl::DataLossError("a link is under a key that is not there");
    }
  }
}

absl::Status SourceDesk::Run(const PersonCaller& caller,
                             std::string_view source, Needs needs,
                             std::function<void(OwnCalls::Turn&)> work) {
  LIMPID_ASSIGN_OR_RETURN(const Source* const known, Known(source));
  if (needs == Needs::kLink) {
    LIMPID_RETURN_IF_ERROR(LinkTo(caller, source).status());
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto turn,
      own_calls_.Take(source, caller.holder, known->own_calls()));
  const bool taken =
      known->run([turn, work = std::move(work)] { work(*turn); });
  if (taken) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "too many wait for this source; try again");
}

absl::StatusOr<const Source*> SourceDesk::Known(std::string_view name) const {
  const Source* const source = sources_.Find(name);
  if (source != nullptr) return source;
  return absl::NotFoundError(
      "source: this vault knows no such source; ListSources says which it "
      "knows");
}

absl::Status SourceDesk::CheckAttributes(const Source& source,
                                         const SourceLink& link) const {
  for (const LinkedAttribute& one : link.attributes) {
    const auto entry = core_.catalogue().Find(one.attribute, 0);
    if (!entry.ok() || !source.MayAnswer(one.attribute)) {
      return absl::InvalidArgumentError(
          absl::StrCat("attributes: this source is not asked about ",
                       one.attribute, "; ListSources says what it is asked"));
    }
    if (one.mode == SourceMode::kComputed &&
        (*entry)->definition.derivations.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "attributes: ", one.attribute,
          " has no derivation, so that computed would release nothing; link "
          "it as referenced"));
    }
  }
  return absl::OkStatus();
}

absl::Status SourceDesk::CheckFree(const VaultReads& reads, const Owner& owner,
                                   const std::vector<SourceLink>& others,
                                   const SourceLink& link) const {
  for (const LinkedAttribute& one : link.attributes) {
    const NameKey name = core_.blinder().NameKeyOf(owner.id, one.attribute);
    LIMPID_ASSIGN_OR_RETURN(const auto kept, reads.Newest(owner, {&name, 1}));
    if (kept.front()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "attributes: you keep ", one.attribute,
          " in this vault, which goes before a source; erase it first"));
    }
    for (const SourceLink& other : others) {
      if (other.source == link.source || other.Find(one.attribute) == nullptr) {
        continue;
      }
      return absl::FailedPreconditionError(
          absl::StrCat("attributes: ", one.attribute, " is linked to ",
                       other.source, "; unlink it there first"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<DoneAct> SourceDesk::Log(VaultTransaction& transaction,
                                        ActKind kind, const Owner& owner,
                                        const SourceLink& link,
                                        const PersonKey& key) const {
  Act act;
  act.kind = kind;
  act.time = absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  act.attribute = link.source;
  act.value_version = static_cast<std::uint64_t>(absl::ToUnixMillis(act.time));
  base::ByteWriter body(kActLabel);
  base::Bytes encoded = link.Encode();
  act.body = crypto::Sha256(body.Lp(encoded).bytes());
  base::Wipe(encoded);
  LIMPID_ASSIGN_OR_RETURN(
      const ActRow row,
      core_.acts().Append(transaction, std::move(act), owner,
                          core_.blinder().SourceKeyOf(owner.id, link.source),
                          &key));
  return Done(row);
}

absl::StatusOr<LinkDone> SourceDesk::Link(const PersonCaller& caller,
                                          NewLink link) {
  LIMPID_ASSIGN_OR_RETURN(const Source* const source, Known(link.source));
  if (source->name == kOwnSource) {
    return absl::InvalidArgumentError("source: your vault needs no link");
  }
  LinkDone done;
  done.link.source = link.source;
  done.link.attributes = std::move(link.attributes);
  std::sort(done.link.attributes.begin(), done.link.attributes.end(),
            [](const LinkedAttribute& left, const LinkedAttribute& right) {
              return left.attribute < right.attribute;
            });
  done.link.linked =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  // What can be refused without the source is: a proof serves once.
  done.link.subject = std::string(1, '?');
  LIMPID_RETURN_IF_ERROR(done.link.Check());
  LIMPID_RETURN_IF_ERROR(CheckAttributes(*source, done.link));
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  LIMPID_RETURN_IF_ERROR(CheckNotMoved(core_.store(), owner));
  LIMPID_ASSIGN_OR_RETURN(const auto before, LinksOf(core_, owner));
  LIMPID_RETURN_IF_ERROR(CheckFree(core_.store(), owner, before, done.link));
  LIMPID_ASSIGN_OR_RETURN(
      LinkedSubject subject,
      source->connector->CheckLink({caller, std::move(link.proof)},
                                   source->time_limit));
  done.link.subject = std::move(subject.subject);
  LIMPID_RETURN_IF_ERROR(done.link.Check());
  // And again with the link: much may happen while a source is asked.
  const absl::Status written = WriteUnderKey(
      core_, owner, done.link.linked,
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(CheckNotMoved(transaction, owner));
        LIMPID_ASSIGN_OR_RETURN(const auto others,
                                OpenLinks(core_, transaction, owner));
        LIMPID_RETURN_IF_ERROR(
            CheckFree(transaction, owner, others, done.link));
        LIMPID_RETURN_IF_ERROR(LogPersonKey(transaction, core_.acts(), owner,
                                            key, done.link.linked));
        SourceLinkRow row;
        row.owner = owner;
        row.source_key =
            core_.blinder().SourceKeyOf(owner.id, done.link.source);
        core_.links().Seal(key, done.link, row);
        LIMPID_RETURN_IF_ERROR(transaction.PutSourceLink(row));
        LIMPID_ASSIGN_OR_RETURN(done.act, Log(transaction, ActKind::kSourceLink,
                                              owner, done.link, key));
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return done;
}

absl::StatusOr<std::vector<SourceLink>> SourceDesk::List(
    const PersonCaller& caller) {
  return LinksOf(core_, core_.blinder().OwnerOf(caller.holder));
}

absl::StatusOr<DoneAct> SourceDesk::Unlink(const PersonCaller& caller,
                                           std::string_view source) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  LIMPID_ASSIGN_OR_RETURN(const SourceLink link, LinkTo(caller, source));
  if (source == kOwnSource) return NotLinked();
  DoneAct done;
  const absl::Status written = WriteUnderKey(
      core_, owner, core_.clock().Now(),
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        const absl::Status deleted = transaction.DeleteSourceLink(
            owner, core_.blinder().SourceKeyOf(owner.id, source));
        // Taken back by another device since it was read.
        if (absl::IsNotFound(deleted)) return NotLinked();
        LIMPID_RETURN_IF_ERROR(deleted);
        LIMPID_ASSIGN_OR_RETURN(
            done, Log(transaction, ActKind::kSourceUnlink, owner, link, key));
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return done;
}

absl::StatusOr<SourceLink> SourceDesk::LinkTo(const PersonCaller& caller,
                                              std::string_view source) {
  if (source == kOwnSource) {
    SourceLink own;
    own.source = std::string(source);
    own.subject = caller.holder.Text();
    return own;
  }
  LIMPID_ASSIGN_OR_RETURN(auto links, List(caller));
  for (SourceLink& link : links) {
    if (link.source == source) return std::move(link);
  }
  return NotLinked();
}

absl::StatusOr<std::vector<Holding>> SourceDesk::Holdings(
    const PersonCaller& caller, std::string_view source) {
  LIMPID_ASSIGN_OR_RETURN(const Source* const known, Known(source));
  LIMPID_ASSIGN_OR_RETURN(const SourceLink link, LinkTo(caller, source));
  return known->connector->Holdings(link.subject, known->time_limit);
}

absl::StatusOr<RectificationAnswer> SourceDesk::RequestRectification(
    RectificationRequest request, std::string_view source) {
  LIMPID_ASSIGN_OR_RETURN(const Source* const known, Known(source));
  LIMPID_ASSIGN_OR_RETURN(const SourceLink link,
                          LinkTo(request.person, source));
  LIMPID_ASSIGN_OR_RETURN(const auto entry,
                          core_.catalogue().Find(request.attribute, 0));
  json::ParseLimits limits;
  limits.max_bytes = kMaxValueBytes;
  const auto value = json::ParseStrict(request.value_json, limits);
  if (!value.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("value_json: ", value.status().message()));
  }
  if (const absl::Status fits = entry->schema.Validate(*value); !fits.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("value_json", fits.message()));
  }
  request.subject = link.subject;
  return known->connector->RequestRectification(request, known->time_limit);
}

}  // namespace limpid::vault
