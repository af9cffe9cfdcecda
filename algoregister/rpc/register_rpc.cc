#include "algoregister/rpc/register_rpc.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/content.h"
#include "algoregister/rpc/convert.h"
#include "algoregister/rpc/export_source.h"
#include "algoregister/rpc/organisation_titles.h"
#include "algoregister/version/diff.h"
#include "common/base/peer.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "common/rpc/validate.h"
#include "common/tlog/proof.h"

namespace limpid::algoregister {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;
// A title's index key.
constexpr std::size_t kMaxPrefixBytes = 200;
constexpr std::string_view kHistoryLabel = "limpid-register-history-page/1";
// Versions of a history that are in memory at once, each with its content, and
// how much of them one call may cost: anybody may ask.
constexpr std::size_t kHistoryStep = 4;
constexpr std::size_t kMaxHistoryBytes = std::size_t{4} << 20U;

absl::StatusOr<ListFilter> ReadFilter(
    const v1::ListRegistrationsRequest& request) {
  ListFilter filter;
  if (request.kind() != v1::REGISTRATION_KIND_UNSPECIFIED) {
    LIMPID_ASSIGN_OR_RETURN(filter.kind, FromProto("kind", request.kind()));
  }
  if (!request.organisation_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(filter.organisation,
                            ReadId("organisation_id", request.organisation_id(),
                                   RegistrationKind::kOrganisation));
  }
  LIMPID_RETURN_IF_ERROR(rpc::CheckOptionalText(
      "title_prefix", request.title_prefix(), kMaxPrefixBytes));
  filter.title_prefix = request.title_prefix();
  filter.include_retired = request.include_retired();
  return filter;
}

absl::StatusOr<std::uint32_t> ReadHistoryToken(std::string_view token) {
  if (token.empty()) return 0;
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kHistoryLabel);
  const std::uint32_t after = reader.U32();
  if (!reader.Finish().ok()) return rpc::FieldError("page_token", "malformed");
  return after;
}

// What it took to read the version, about.
std::size_t SizeOf(const Version& version) {
  std::size_t size = version.leaf.size();
  for (const FieldDisclosure& field : version.fields) {
    size += field.pointer.size() + json::Canonical(field.value).size();
  }
  return size;
}

absl::StatusOr<Version> VersionAsked(
    const RegistrationStore& store, const RegistrationId& id,
    const v1::GetRegistrationRequest& request) {
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t number,
                          ReadVersion("version", request.version()));
  if (!request.has_at_time()) return store.Get(id, number);
  if (number != 0) {
    return rpc::FieldError("at_time", "not together with a version");
  }
  LIMPID_ASSIGN_OR_RETURN(const absl::Time time,
                          ReadTime("at_time", request.at_time()));
  return store.GetAt(id, time);
}

}  // namespace

RegisterRpc::RegisterRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                         Parts parts)
    : edge_(rpc::EdgeOf<v1::RegisterService>(runtime, policy)),
      parts_(std::move(parts)),
      open_exports_(std::make_shared<ExportLimit>()) {}

grpc::ServerUnaryReactor* RegisterRpc::GetRegistration(
    grpc::CallbackServerContext* context,
    const v1::GetRegistrationRequest* request,
    v1::GetRegistrationResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const RegistrationId id,
            ReadId("registration_id", request->registration_id()));
        LIMPID_ASSIGN_OR_RETURN(const Version version,
                                VersionAsked(parts_.store, id, *request));
        LIMPID_ASSIGN_OR_RETURN(const Head head, parts_.store.GetHead(id));
        *response->mutable_version() = ToProto(version);
        response->set_newest_version(head.number);
        *response->mutable_publish_time() = ToProto(version.logged_time);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* RegisterRpc::ListRegistrations(
    grpc::CallbackServerContext* context,
    const v1::ListRegistrationsRequest* request,
    v1::ListRegistrationsResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return List(*request, *response);
  });
}

absl::Status RegisterRpc::List(const v1::ListRegistrationsRequest& request,
                               v1::ListRegistrationsResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const ListFilter filter, ReadFilter(request));
  LIMPID_ASSIGN_OR_RETURN(const std::optional<ListCursor> after,
                          ReadToken(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const auto limit = static_cast<std::size_t>(size);
  LIMPID_ASSIGN_OR_RETURN(std::vector<Head> heads,
                          parts_.store.List(filter, after, limit + 1));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t total,
                          parts_.store.Count(filter));
  const bool more = heads.size() > limit;
  if (more) heads.pop_back();
  OrganisationTitles titles(parts_.store);
  for (const Head& head : heads) {
    v1::RegistrationSummary& row = *response.add_registrations();
    row = ToProto(head);
    if (head.organisation) {
      row.set_organisation_title(titles.Of(*head.organisation));
    }
  }
  if (more) {
    response.set_next_page_token(
        ToToken({.title_key = FoldTitle(heads.back().title),
                 .registration = heads.back().registration}));
  }
  response.set_total_count(static_cast<std::int64_t>(total));
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* RegisterRpc::GetRegistrationHistory(
    grpc::CallbackServerContext* context,
    const v1::GetRegistrationHistoryRequest* request,
    v1::GetRegistrationHistoryResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return History(*request, *response);
  });
}

absl::Status RegisterRpc::History(
    const v1::GetRegistrationHistoryRequest& request,
    v1::GetRegistrationHistoryResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t after,
                          ReadHistoryToken(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPage, kMaxPage));
  LIMPID_ASSIGN_OR_RETURN(const std::vector<FieldErasure> erasures,
                          parts_.store.Erasures(id));
  std::uint32_t last = after;
  std::size_t bytes = 0;
  while (response.versions_size() < size && bytes < kMaxHistoryBytes) {
    const auto left = static_cast<std::size_t>(size - response.versions_size());
    LIMPID_ASSIGN_OR_RETURN(
        const std::vector<Version> step,
        parts_.store.History(id, last, std::min(kHistoryStep, left)));
    if (step.empty()) break;
    for (const Version& version : step) {
      AddToHistory(version, erasures, *response.add_versions());
      bytes += SizeOf(version);
    }
    last = step.back().number;
  }
  if (last == 0) return absl::NotFoundError("no such registration");
  // There are none between the last one read and the newest.
  const auto head = parts_.store.GetHead(id);
  if (head.ok() && head->number > last) {
    base::ByteWriter token(kHistoryLabel);
    response.set_next_page_token(base::ToText(token.U32(last).bytes()));
  }
  return absl::OkStatus();
}

void RegisterRpc::AddToHistory(const Version& version,
                               const std::vector<FieldErasure>& erasures,
                               v1::VersionSummary& row) const {
  row = ToSummary(version);
  for (const FieldErasure& erasure : erasures) {
    if (erasure.number == version.number) {
      *row.add_erasures() = ToProto(erasure);
    }
  }
  const auto key = crypto::Ed25519PublicKey::FromBytes(
      base::AsBytes(row.author_public_key()));
  if (!key.ok()) return;
  const auto author = parts_.publishers.FindBySigningKey(*key);
  if (author.ok()) row.set_author_name(author->name);
}

grpc::ServerUnaryReactor* RegisterRpc::DiffRegistrationVersions(
    grpc::CallbackServerContext* context,
    const v1::DiffRegistrationVersionsRequest* request,
    v1::DiffRegistrationVersionsResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Diff(*request, *response);
  });
}

absl::Status RegisterRpc::Diff(
    const v1::DiffRegistrationVersionsRequest& request,
    v1::DiffRegistrationVersionsResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          ReadId("registration_id", request.registration_id()));
  std::vector<json::Value> contents;
  for (const auto& [path, number] :
       {std::pair("from_version", request.from_version()),
        std::pair("to_version", request.to_version())}) {
    if (number < 1) return rpc::FieldError(path, "must be 1 or more");
    LIMPID_ASSIGN_OR_RETURN(const std::uint32_t read,
                            ReadVersion(path, number));
    LIMPID_ASSIGN_OR_RETURN(const Version version, parts_.store.Get(id, read));
    contents.push_back(ContentOf(version));
  }
  response.set_patch_json(
      json::Canonical(MakePatch(contents.front(), contents.back())));
  for (const FieldChange& change :
       DescribeChanges(id.kind, contents.front(), contents.back())) {
    v1::FieldChange& row = *response.add_changes();
    row.set_pointer(change.pointer);
    row.set_label(change.label);
    row.set_before(change.before);
    row.set_after(change.after);
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* RegisterRpc::GetRegistrationProof(
    grpc::CallbackServerContext* context,
    const v1::GetRegistrationProofRequest* request,
    v1::GetRegistrationProofResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Prove(*request, *response);
  });
}

absl::Status RegisterRpc::Prove(
    const v1::GetRegistrationProofRequest& request,
    v1::GetRegistrationProofResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t number,
                          ReadVersion("version", request.version()));
  LIMPID_ASSIGN_OR_RETURN(const Version version, parts_.store.Get(id, number));
  LIMPID_ASSIGN_OR_RETURN(const tlog::LogProof proof,
                          parts_.log.Prove(version.leaf_index.value_or(0)));
  response.set_leaf(base::ToText(version.leaf));
  auto& out = *response.mutable_proof();
  out.set_leaf_index(static_cast<std::int64_t>(proof.index));
  for (const base::Digest32& hash : proof.hashes) {
    out.add_hashes(base::ToText(hash));
  }
  auto& checkpoint = *out.mutable_checkpoint();
  checkpoint.set_note(proof.checkpoint);
  LIMPID_ASSIGN_OR_RETURN(const tlog::Note note,
                          tlog::ParseNote(proof.checkpoint));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Checkpoint head,
                          tlog::ParseCheckpoint(note.text));
  checkpoint.set_tree_size(static_cast<std::int64_t>(head.size));
  response.set_proof_file(tlog::FormatProof(proof));
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* RegisterRpc::GetLogInfo(
    grpc::CallbackServerContext* context,
    const v1::GetLogInfoRequest* /*request*/,
    v1::GetLogInfoResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    auto& log = *response->mutable_log();
    log.set_origin(parts_.log.origin());
    log.set_vkey(parts_.log.Vkey());
    log.set_url(parts_.log_url);
    *log.mutable_checkpoint() = HeadOfLog(parts_.log);
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<v1::ExportRegistrationsResponse>*
RegisterRpc::ExportRegistrations(
    grpc::CallbackServerContext* context,
    const v1::ExportRegistrationsRequest* request) {
  return rpc::ServerStream<v1::ExportRegistrationsResponse>(
      edge_, context,
      [=, this, client = base::ClientOf(context->peer())](
          const rpc::Caller&,
          const std::shared_ptr<ExportWriter>& writer) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(open_exports_->Take(client));
        writer->OnClosed(
            [open = open_exports_, client] { open->Release(client); });
        return Export(*request, *writer);
      });
}

absl::Status RegisterRpc::Export(const v1::ExportRegistrationsRequest& request,
                                 ExportWriter& writer) const {
  const Profile* const profile = FindProfile(request.profile());
  if (profile == nullptr) {
    return rpc::FieldError("profile",
                           "unknown; ListProfiles has those there are");
  }
  ListFilter filter;
  filter.kind = profile->kind;
  if (!request.organisation_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(filter.organisation,
                            ReadId("organisation_id", request.organisation_id(),
                                   RegistrationKind::kOrganisation));
  }
  writer.WriteFrom(
      [source = std::make_shared<ExportSource>(*profile, parts_.store, filter)](
          v1::ExportRegistrationsResponse& part) {
        return source->Next(part);
      });
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
