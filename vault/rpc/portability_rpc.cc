#include "vault/rpc/portability_rpc.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"
#include "vault/rpc/holder_authenticator.h"

namespace limpid::vault {
namespace {

constexpr std::size_t kMaxTokenBytes = 512;

absl::StatusOr<base::Digest32> DigestOf(std::string_view path,
                                        const std::string& bytes) {
  base::Digest32 out{};
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes(path, bytes, out.size()));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

absl::StatusOr<std::vector<ImportLine>> LinesOf(
    const v1::ImportLinesRequest& request) {
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckCount("lines", request.lines_size(),
                      static_cast<int>(Importer::kMaxBatchLines)));
  std::vector<ImportLine> out;
  for (const v1::ImportLine& line : request.lines()) {
    ImportLine& to = out.emplace_back();
    to.line = line.line();
    if (line.previous_sha256().empty()) continue;
    LIMPID_ASSIGN_OR_RETURN(
        to.previous, DigestOf("lines.previous_sha256", line.previous_sha256()));
  }
  return out;
}

absl::StatusOr<MoveDeclaration> DeclarationOf(
    const v1::DeclareMoveRequest& request) {
  MoveDeclaration out;
  if (request.has_to()) {
    out.to.emplace();
    LIMPID_RETURN_IF_ERROR(rpc::CheckText("to.operator_name",
                                          request.to().operator_name(),
                                          kMaxOperatorNameBytes));
    out.to->name = request.to().operator_name();
    LIMPID_ASSIGN_OR_RETURN(
        out.to->evidence_key,
        DigestOf("to.evidence_key", request.to().evidence_key()));
  }
  out.time = absl::FromUnixSeconds(request.time().seconds()) +
             absl::Nanoseconds(request.time().nanos());
  out.signature = base::ToBytes(request.signature());
  out.number = request.number();
  return out;
}

}  // namespace

PortabilityRpc::PortabilityRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                               Exporter& exporter, Importer& importer,
                               MoveDesk& moves)
    : edge_(rpc::EdgeOf<v1::PortabilityService>(runtime, policy)),
      exporter_(exporter),
      importer_(importer),
      moves_(moves) {}

grpc::ServerUnaryReactor* PortabilityRpc::ExportVault(
    grpc::CallbackServerContext* context, const v1::ExportVaultRequest* request,
    v1::ExportVaultResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        if (request->page_token().size() > kMaxTokenBytes) {
          return rpc::FieldError("page_token", "was not made here");
        }
        LIMPID_ASSIGN_OR_RETURN(
            ExportPage page,
            exporter_.Page(person, base::AsBytes(request->page_token())));
        for (std::string& line : page.lines) {
          response->add_lines(std::move(line));
        }
        response->set_next_page_token(base::ToText(page.next));
        if (!page.begun) return absl::OkStatus();
        response->set_commitment(base::ToText(page.begun->commitment));
        *response->mutable_promised_by_time() =
            ToProto(page.begun->promised_by);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PortabilityRpc::ImportLines(
    grpc::CallbackServerContext* context, const v1::ImportLinesRequest* request,
    v1::ImportLinesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const base::Digest32 bundle,
            DigestOf("bundle_sha256", request->bundle_sha256()));
        LIMPID_ASSIGN_OR_RETURN(const std::vector<ImportLine> lines,
                                LinesOf(*request));
        LIMPID_ASSIGN_OR_RETURN(const ImportAnswer answer,
                                importer_.Import(person, bundle, lines));
        for (const ImportResult& result : answer.results) {
          v1::ImportResult& out = *response->add_results();
          // The numbers are the same.
          out.set_outcome(static_cast<v1::ImportOutcome>(result.outcome));
          out.set_refusal(static_cast<v1::ImportRefusal>(result.refusal));
          out.set_detail(result.detail);
        }
        if (!answer.act) return absl::OkStatus();
        response->set_commitment(base::ToText(answer.act->commitment));
        *response->mutable_promised_by_time() =
            ToProto(answer.act->promised_by);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PortabilityRpc::DeclareMove(
    grpc::CallbackServerContext* context, const v1::DeclareMoveRequest* request,
    v1::DeclareMoveResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const MoveDeclaration declaration,
                                DeclarationOf(*request));
        LIMPID_ASSIGN_OR_RETURN(const DoneAct done,
                                moves_.Declare(person, declaration));
        response->set_commitment(base::ToText(done.commitment));
        *response->mutable_promised_by_time() = ToProto(done.promised_by);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PortabilityRpc::GetMove(
    grpc::CallbackServerContext* context, const v1::GetMoveRequest* /*request*/,
    v1::GetMoveResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const Whereabouts now, moves_.Get(person));
        if (now.to) *response->mutable_to() = ToProto(*now.to);
        response->set_last_number(now.last_number);
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault
