#include "algoregister/rpc/register_insight_rpc.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/links/link.h"
#include "algoregister/rpc/convert.h"
#include "algoregister/rpc/organisation_titles.h"
#include "algoregister/rules/rule.h"
#include "common/base/bytes.h"
#include "common/base/peer.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;
constexpr std::string_view kTokenLabel = "limpid-register-referrers/1";

std::string ToToken(const Referrer& last) {
  base::ByteWriter writer(kTokenLabel);
  writer.Lp(FoldTitle(last.head.title))
      .U8(static_cast<std::uint8_t>(last.head.registration.kind))
      .Raw(last.head.registration.bytes)
      .Lp(last.pointer);
  return base::ToText(writer.bytes());
}

absl::StatusOr<std::optional<ReferrerCursor>> ReadReferrerToken(
    std::string_view token) {
  if (token.empty()) return std::optional<ReferrerCursor>();
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kTokenLabel);
  ReferrerCursor cursor;
  cursor.title_key = reader.LpText();
  cursor.registration.kind = static_cast<RegistrationKind>(reader.U8());
  cursor.registration.bytes = reader.Array<base::kIdBytes>();
  cursor.pointer = reader.LpText();
  if (!reader.Finish().ok()) return rpc::FieldError("page_token", "malformed");
  return std::optional(std::move(cursor));
}

absl::StatusOr<LinkQuery> TextQuery(std::string_view path, LinkKind kind,
                                    const std::string& text) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText(path, text, kMaxLinkTextBytes));
  std::string key = LinkKey(text);
  if (key.empty()) return rpc::FieldError(path, "is blank");
  return LinkQuery{.kind = kind, .keys = {std::move(key)}};
}

v1::RuleOutcome ToProto(RuleOutcome outcome) {
  switch (outcome) {
    case RuleOutcome::kMet:
      return v1::RULE_OUTCOME_MET;
    case RuleOutcome::kMissing:
      return v1::RULE_OUTCOME_MISSING;
    case RuleOutcome::kInProgress:
      return v1::RULE_OUTCOME_IN_PROGRESS;
    case RuleOutcome::kOverdue:
      return v1::RULE_OUTCOME_OVERDUE;
    case RuleOutcome::kWithheld:
      return v1::RULE_OUTCOME_WITHHELD;
  }
  return v1::RULE_OUTCOME_UNSPECIFIED;
}

v1::ProposalReason ToProto(ProposalReason reason) {
  switch (reason) {
    case ProposalReason::kSameVendor:
      return v1::PROPOSAL_REASON_SAME_VENDOR;
    case ProposalReason::kProductName:
      return v1::PROPOSAL_REASON_PRODUCT_NAME;
    case ProposalReason::kNewId:
      return v1::PROPOSAL_REASON_NEW_ID;
  }
  return v1::PROPOSAL_REASON_UNSPECIFIED;
}

v1::Proposal ToProto(const Proposal& proposal) {
  v1::Proposal out;
  out.set_proposal_id(proposal.id);
  out.set_reason(ToProto(proposal.reason));
  out.set_title(proposal.title);
  out.set_vendor(proposal.vendor);
  if (proposal.system) out.set_system_id(proposal.system->Text());
  for (const RegistrationId& id : proposal.registrations) {
    out.add_registration_ids(id.Text());
  }
  for (const std::uint32_t number : proposal.versions) {
    out.add_registration_versions(number);
  }
  out.set_organisation_count(
      static_cast<std::int32_t>(proposal.organisation_count));
  return out;
}

}  // namespace

grpc::ServerUnaryReactor* RegisterInsightRpc::ListReferrers(
    grpc::CallbackServerContext* context,
    const v1::ListReferrersRequest* request,
    v1::ListReferrersResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Referrers(*request, *response);
  });
}

absl::StatusOr<LinkQuery> RegisterInsightRpc::ReadQuery(
    const v1::ListReferrersRequest& request,
    v1::ListReferrersResponse& response) const {
  switch (request.target_case()) {
    case v1::ListReferrersRequest::kRegistrationId: {
      LIMPID_ASSIGN_OR_RETURN(
          const RegistrationId id,
          ReadId("registration_id", request.registration_id()));
      LIMPID_ASSIGN_OR_RETURN(const Head head, parts_.store.GetHead(id));
      *response.mutable_target() = ToProto(head);
      return LinkQuery{.kind = LinkKind::kReference, .keys = {LinkKey(id)}};
    }
    case v1::ListReferrersRequest::kVendor: {
      LIMPID_ASSIGN_OR_RETURN(
          LinkQuery query,
          TextQuery("vendor", LinkKind::kVendor, request.vendor()));
      LIMPID_ASSIGN_OR_RETURN(
          const std::optional<RegistrationId> known,
          parts_.store.FindOrganisation(request.vendor(), std::nullopt));
      if (known) query.keys.push_back(LinkKey(*known));
      return query;
    }
    case v1::ListReferrersRequest::kLaw:
      return TextQuery("law", LinkKind::kLaw, request.law());
    case v1::ListReferrersRequest::kAttribute:
      return TextQuery("attribute", LinkKind::kAttribute, request.attribute());
    case v1::ListReferrersRequest::TARGET_NOT_SET:
      break;
  }
  return rpc::FieldError("target", "missing");
}

absl::Status RegisterInsightRpc::Referrers(
    const v1::ListReferrersRequest& request,
    v1::ListReferrersResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(LinkQuery query, ReadQuery(request, response));
  if (request.kind() != v1::REGISTRATION_KIND_UNSPECIFIED) {
    LIMPID_ASSIGN_OR_RETURN(query.source, FromProto("kind", request.kind()));
  }
  query.include_retired = !request.active_only();
  LIMPID_ASSIGN_OR_RETURN(const std::optional<ReferrerCursor> after,
                          ReadReferrerToken(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const auto limit = static_cast<std::size_t>(size);
  LIMPID_ASSIGN_OR_RETURN(std::vector<Referrer> found,
                          parts_.store.Referrers(query, after, limit + 1));
  const bool more = found.size() > limit;
  if (more) found.pop_back();
  OrganisationTitles titles(parts_.store);
  for (const Referrer& one : found) {
    v1::Referrer& row = *response.add_referrers();
    v1::RegistrationSummary& summary = *row.mutable_registration();
    summary = ToProto(one.head);
    if (one.head.organisation) {
      summary.set_organisation_title(titles.Of(*one.head.organisation));
    }
    row.set_pointer(one.pointer);
  }
  if (more) response.set_next_page_token(ToToken(found.back()));
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* RegisterInsightRpc::CheckRegistration(
    grpc::CallbackServerContext* context,
    const v1::CheckRegistrationRequest* request,
    v1::CheckRegistrationResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Check(*request, *response);
  });
}

absl::Status RegisterInsightRpc::Check(
    const v1::CheckRegistrationRequest& request,
    v1::CheckRegistrationResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t number,
                          ReadVersion("version", request.version()));
  std::vector<Rule> some;
  if (!request.source().empty()) {
    some = RulesOf(request.source());
    if (some.empty()) return rpc::FieldError("source", "unknown");
  }
  LIMPID_ASSIGN_OR_RETURN(const Version version, parts_.store.Get(id, number));
  response.set_version(version.number);
  std::map<std::string, std::vector<RuleFinding>> sources;
  for (const RuleFinding& finding :
       Evaluate(ContentOf(version), some.empty() ? AllRules() : some,
                parts_.clock.Now())) {
    v1::RuleFinding& row = *response.add_findings();
    row.set_rule_id(RuleIdOf(*finding.rule));
    row.set_source(std::string(finding.rule->source));
    row.set_field(std::string(finding.rule->field));
    row.set_outcome(ToProto(finding.outcome));
    row.set_weight(finding.rule->weight);
    sources[row.source()].push_back(finding);
  }
  for (const auto& [source, findings] : sources) {
    const Score score = ScoreOf(findings);
    v1::RuleScore& row = *response.add_scores();
    row.set_source(source);
    row.set_met_weight(score.met);
    row.set_total_weight(score.total);
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* RegisterInsightRpc::ListProposals(
    grpc::CallbackServerContext* context,
    const v1::ListProposalsRequest* request,
    v1::ListProposalsResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this, client = base::ClientOf(context->peer())](
                        const rpc::Caller&) -> absl::Status {
                      const AnswerPlace place(listing_, client);
                      LIMPID_RETURN_IF_ERROR(place.status());
                      return Propose(*request, *response);
                    });
}

absl::Status RegisterInsightRpc::Propose(
    const v1::ListProposalsRequest& request,
    v1::ListProposalsResponse& response) {
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPage, kMaxPage));
  LIMPID_ASSIGN_OR_RETURN(const KeptProposals kept, proposals_.Newest());
  const Proposals& all = *kept.proposals;
  const std::size_t shown =
      std::min(static_cast<std::size_t>(size), all.proposals.size());
  for (std::size_t i = 0; i < shown; ++i) {
    *response.add_proposals() = ToProto(all.proposals[i]);
  }
  response.set_total_count(static_cast<std::int64_t>(all.proposals.size()));
  *response.mutable_computed_time() = ToProto(kept.time);
  for (const GenericTitle& one : all.generic) {
    v1::GenericTitle& row = *response.add_generic_titles();
    row.set_title(one.title);
    row.set_registration_count(
        static_cast<std::int32_t>(one.registration_count));
    row.set_organisation_count(
        static_cast<std::int32_t>(one.organisation_count));
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
