#include "consent/rpc/audit_rpc.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/part_place.h"

namespace limpid::consent {
namespace {

v1::AuditEntry Show(const AuditEntry& shown) {
  v1::AuditEntry out;
  out.set_content(static_cast<v1::AuditContent>(shown.content));
  if (shown.time != absl::UnixEpoch()) {
    *out.mutable_time() = ToProto(shown.time);
  }
  out.set_logged(shown.tick.has_value());
  out.set_tick_first_index(shown.tick.value_or(0));
  if (shown.content != AuditContent::kShown) return out;
  if (shown.pseudonym != base::ByteArray<16>{}) {
    out.set_person_pseudonym(ToProto(shown.pseudonym));
  }
  out.set_kind(static_cast<v1::AccessKind>(shown.entry.kind));
  out.set_actor(static_cast<v1::AuditActor>(shown.entry.actor));
  if (const ServiceId service(shown.entry.service); !service.none()) {
    out.set_service_id(service.Text());
  }
  if (shown.service != nullptr) {
    out.set_organisation(shown.service->organisation);
  }
  out.set_purpose(shown.entry.purpose);
  out.set_legal_basis(static_cast<v1::LegalBasis>(shown.entry.basis));
  for (const receipt::AccessLine& line : shown.entry.lines) {
    *out.add_decisions() = ToProto(line).decision();
  }
  out.set_training(shown.training);
  out.set_denial_count(shown.denial_count);
  return out;
}

v1::AuditTick Show(const receipt::Tick& tick) {
  v1::AuditTick out;
  out.set_first_index(tick.first_index);
  out.set_leaf_count(tick.leaf_count);
  out.set_entry_count(tick.entry_count);
  out.set_seed(ToProto(tick.seed));
  return out;
}

absl::StatusOr<AuditPeriod> PeriodOf(
    const v1::ListAuditEntriesRequest& request) {
  AuditPeriod out;
  LIMPID_ASSIGN_OR_RETURN(out.from,
                          FromProto("from_time", request.from_time()));
  LIMPID_ASSIGN_OR_RETURN(out.until,
                          FromProto("until_time", request.until_time()));
  return out;
}

}  // namespace

AuditRpc::AuditRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Consent& consent, std::vector<AuditorKey> auditors)
    : edge_(rpc::EdgeOf<v1::AuditService>(runtime, policy)),
      book_(consent),
      auditors_(std::move(auditors)) {}

absl::StatusOr<AuditorKey> AuditRpc::AuditorOf(
    const rpc::Caller& caller) const {
  if (std::find(auditors_.begin(), auditors_.end(), caller.spki_thumbprint) ==
      auditors_.end()) {
    return absl::PermissionDeniedError("this certificate is no auditor's");
  }
  return caller.spki_thumbprint;
}

grpc::ServerUnaryReactor* AuditRpc::ListAuditEntries(
    grpc::CallbackServerContext* context,
    const v1::ListAuditEntriesRequest* request,
    v1::ListAuditEntriesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const AuditorKey auditor, AuditorOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const AuditPeriod period, PeriodOf(*request));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const PartPlace place,
                                ParsePartPlace(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(const AuditListing part,
                                book_.List(auditor, period, place.after));
        const std::vector<AuditEntry>& all = part->entries;
        PartPage page = PageOf(place, all.size(), part->next_after, size);
        for (std::size_t i = page.begin; i < page.end; ++i) {
          *response->add_entries() = Show(all[i]);
        }
        response->set_next_page_token(std::move(page.next_token));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AuditRpc::ListAuditTicks(
    grpc::CallbackServerContext* context,
    const v1::ListAuditTicksRequest* request,
    v1::ListAuditTicksResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(AuditorOf(caller).status());
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t below,
                                ParseNumberToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const AuditTickPage page,
            book_.Ticks(below, static_cast<std::size_t>(size)));
        for (const receipt::Tick& tick : page.ticks) {
          *response->add_ticks() = Show(tick);
        }
        response->set_next_page_token(NumberToken(page.next_below));
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
