#include "consent/sharing/sharing_desk.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

// The same request gives the same id, so that a retry needs no memory.
SharingId IdFor(const State& s, std::string_view label, base::ByteView part) {
  base::ByteWriter out(label);
  out.Raw(part);
  const base::Digest32 hash = crypto::HmacSha256(
      s.code_key.Reveal(base::SecretAccess::Get()), {out.bytes()});
  base::ByteArray<16> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return SharingId(id);
}

SharingId DefaultIdFor(const State& s, const ServiceId& service,
                       const SourceId& source) {
  base::ByteWriter part;
  part.Raw(service.bytes()).Raw(source.bytes());
  return IdFor(s, "limpid/default-sharing-id/1", part.bytes());
}

SharingPointer Publish(State& s, SharingAgreement made, Batch& batch) {
  batch.Insert(RowOf(s.row_key, made));
  auto out = std::make_shared<const SharingAgreement>(std::move(made));
  batch.AfterCommit([&s, out] { s.sharing.Put(*out); });
  return out;
}

const SourceInfo* FindSource(const State& s, const SourceId& id) {
  for (const SourceInfo& source : s.options.sources) {
    if (source.id == id) return &source;
  }
  return nullptr;
}

absl::Status CheckParties(const State& s, const SharingTerms& terms) {
  if (FindSource(s, terms.source) == nullptr) {
    return absl::NotFoundError("source_id: no such source");
  }
  if (terms.service.none()) return absl::OkStatus();
  if (s.catalogue.FindService(terms.service) == nullptr) {
    return absl::NotFoundError("recipient_service_id: no such service");
  }
  return absl::OkStatus();
}

// A next version stays with its source: another source is another agreement.
absl::StatusOr<SharingPointer> MakeNext(State& s, const SharingId& id,
                                        SharingTerms terms,
                                        const AdministratorKey& by,
                                        Batch& batch) {
  const auto versions = s.sharing.VersionsOf(id);
  if (versions.empty()) {
    return absl::NotFoundError("sharing_id: no such sharing agreement");
  }
  const SharingPointer& newest = versions.back();
  if (newest->terms.source != terms.source) {
    return absl::InvalidArgumentError(
        "source_id: is not that of the earlier version");
  }
  if (newest->terms == terms) return newest;
  return Publish(
      s,
      MakeSharing(id, newest->version + 1, std::move(terms), batch.time(), by),
      batch);
}

absl::StatusOr<SharingPointer> MakeFirst(State& s, const SharingId& id,
                                         SharingTerms terms,
                                         const AdministratorKey& by,
                                         Batch& batch) {
  const auto versions = s.sharing.VersionsOf(id);
  SharingAgreement made =
      MakeSharing(id, 1, std::move(terms), batch.time(), by);
  if (versions.empty()) return Publish(s, std::move(made), batch);
  if (versions.front()->terms == made.terms) return versions.front();
  return absl::AlreadyExistsError("request_id: was used for other terms");
}

absl::StatusOr<SharingPointer> MakeDefault(State& s, const ServiceId& id,
                                           const SourceInfo& source,
                                           const AdministratorKey& by,
                                           Batch& batch) {
  const ServicePointer service = s.catalogue.FindService(id);
  if (service == nullptr) return absl::NotFoundError("no such service");
  SharingTerms terms =
      DefaultSharingTerms(*service, source.id, source.name, batch.time());
  const SharingId sharing = DefaultIdFor(s, id, source.id);
  const auto versions = s.sharing.VersionsOf(sharing);
  if (versions.empty()) {
    return Publish(
        s, MakeSharing(sharing, 1, std::move(terms), batch.time(), by), batch);
  }
  // The same terms in force are left alone: their time runs on.
  SharingTerms standing = versions.back()->terms;
  if (versions.back()->InForce(batch.time())) {
    standing.from = terms.from;
    standing.until = terms.until;
    if (standing == terms) return versions.back();
  }
  return MakeNext(s, sharing, std::move(terms), by, batch);
}

absl::StatusOr<SharingPointer> EndNow(State& s, const SharingId& id,
                                      const AdministratorKey& by,
                                      Batch& batch) {
  const auto versions = s.sharing.VersionsOf(id);
  if (versions.empty()) {
    return absl::NotFoundError("sharing_id: no such sharing agreement");
  }
  if (versions.back()->terms.until <= batch.time()) return versions.back();
  SharingTerms terms = versions.back()->terms;
  terms.until = batch.time();
  // One that had not begun ends before it begins.
  terms.from = std::min(terms.from, terms.until - absl::Milliseconds(1));
  return MakeNext(s, id, std::move(terms), by, batch);
}

bool Touches(const SharingAgreement& sharing, std::string_view attribute,
             const std::vector<std::string>& asked, const Purposes& purposes) {
  return std::any_of(asked.begin(), asked.end(),
                     [&](const std::string& purpose) {
                       return sharing.Covers(attribute, purpose, purposes);
                     });
}

}  // namespace

void AddDefaultSharing(State& s, const Service& service,
                       const AdministratorKey& administrator, Batch& batch) {
  for (const SourceInfo& source : s.options.sources) {
    Publish(s,
            MakeSharing(DefaultIdFor(s, service.id, source.id), 1,
                        DefaultSharingTerms(service, source.id, source.name,
                                            batch.time()),
                        batch.time(), administrator),
            batch);
  }
}

absl::Status CheckGrantIsShared(const State& s, const Revision& granted,
                                const Agreement& agreement, absl::Time now) {
  const ServicePointer service = s.catalogue.FindService(granted.service);
  if (service == nullptr) {
    return absl::DataLossError("a record's service is missing");
  }
  std::vector<SharingPointer> agreements;
  for (const SourceInfo& source : s.options.sources) {
    const auto more = s.sharing.Between(source.id, *service);
    agreements.insert(agreements.end(), more.begin(), more.end());
  }
  for (const std::uint16_t line : granted.lines) {
    if (line >= agreement.content.lines.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("lines[", line, "]: the agreement has no such line"));
    }
    const std::string& attribute = agreement.content.lines[line].attribute;
    const bool shared = std::any_of(
        agreements.begin(), agreements.end(), [&](const SharingPointer& one) {
          return one->InForce(now) &&
                 Touches(*one, attribute, agreement.content.purposes,
                         s.parts.purposes);
        });
    if (shared) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("lines[", line,
                     "]: no source has an agreement to share this with the "
                     "service"));
  }
  return absl::OkStatus();
}

absl::StatusOr<SharingPointer> Consent::CreateSharing(
    const AdministratorKey& administrator,
    const base::ByteArray<16>& request_id, std::optional<SharingId> sharing,
    SharingTerms terms) {
  State& s = *state_;
  LIMPID_RETURN_IF_ERROR(CheckSharing(terms, s.parts.purposes));
  LIMPID_RETURN_IF_ERROR(CheckParties(s, terms));
  const SharingId first = IdFor(s, "limpid/sharing-id/1", request_id);
  return s.sequencer->Call<SharingPointer>(
      [&s, administrator, sharing, first, terms = std::move(terms)](
          Persons& /*persons*/, Batch& batch) {
        return sharing ? MakeNext(s, *sharing, terms, administrator, batch)
                       : MakeFirst(s, first, terms, administrator, batch);
      },
      nullptr, /*alone=*/true);
}

absl::StatusOr<SharingPointer> Consent::CreateDefaultSharing(
    const AdministratorKey& administrator, const ServiceId& service,
    const SourceId& source) {
  State& s = *state_;
  const SourceInfo* const known = FindSource(s, source);
  if (known == nullptr) {
    return absl::NotFoundError("source_id: no such source");
  }
  return s.sequencer->Call<SharingPointer>(
      [&s, administrator, service, known](Persons& /*persons*/, Batch& batch) {
        return MakeDefault(s, service, *known, administrator, batch);
      },
      nullptr, /*alone=*/true);
}

absl::StatusOr<SharingPointer> Consent::EndSharing(
    const AdministratorKey& administrator, const SharingId& sharing) {
  State& s = *state_;
  return s.sequencer->Call<SharingPointer>(
      [&s, administrator, sharing](Persons& /*persons*/, Batch& batch) {
        return EndNow(s, sharing, administrator, batch);
      },
      nullptr, /*alone=*/true);
}

std::vector<SharingPointer> Consent::ListSharing(
    std::optional<ServiceId> service) const {
  std::vector<SharingPointer> all = state_->sharing.All();
  if (!service) return all;
  const ServicePointer known = state_->catalogue.FindService(*service);
  if (known == nullptr) return {};
  std::erase_if(all, [&](const SharingPointer& one) {
    return !state_->sharing.VersionsOf(one->id).back()->Names(*known);
  });
  return all;
}

}  // namespace limpid::consent
