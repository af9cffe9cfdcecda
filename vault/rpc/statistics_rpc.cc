#include "vault/rpc/statistics_rpc.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/statistics/statistic.h"

namespace limpid::vault {
namespace {

absl::StatusOr<StatisticFunction> FromProto(v1::StatisticFunction function) {
  switch (function) {
    case v1::STATISTIC_FUNCTION_COUNT:
      return StatisticFunction::kCount;
    case v1::STATISTIC_FUNCTION_SUM:
      return StatisticFunction::kSum;
    case v1::STATISTIC_FUNCTION_MEAN:
      return StatisticFunction::kMean;
    case v1::STATISTIC_FUNCTION_HISTOGRAM:
      return StatisticFunction::kHistogram;
    case v1::STATISTIC_FUNCTION_UNSPECIFIED:
    case v1::StatisticFunction_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::StatisticFunction_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return rpc::FieldError("function", "is missing or unknown");
}

bool IsSum(StatisticFunction function) {
  return function == StatisticFunction::kSum ||
         function == StatisticFunction::kMean;
}

absl::Status Fill(const absl::StatusOr<StatisticAnswer>& answer,
                  v1::AggregateResponse& out) {
  LIMPID_RETURN_IF_ERROR(answer.status());
  const Statistic& statistic = answer->statistic;
  const bool halves = IsSum(answer->function);
  out.set_published(statistic.published);
  out.set_epoch(answer->epoch);
  out.set_count(statistic.count);
  out.set_sum(statistic.sum);
  out.set_mean_milli(statistic.mean_milli);
  for (const StatisticCell& cell : statistic.cells) {
    v1::StatisticCell& to = *out.add_cells();
    to.set_value_json(cell.value);
    to.set_shown(cell.count.has_value());
    to.set_count(cell.count.value_or(0));
  }
  out.set_epsilon_milli(kAnswerEpsilonMilli);
  out.set_count_noise_scale(
      static_cast<std::uint32_t>(halves ? kHalfScale : kWholeScale));
  out.set_threshold(
      static_cast<std::uint32_t>(halves ? kHalfThreshold : kWholeThreshold));
  return absl::OkStatus();
}

}  // namespace

StatisticsRpc::StatisticsRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                             Aggregator& aggregator)
    : edge_(rpc::EdgeOf<v1::StatisticsService>(runtime, policy)),
      aggregator_(aggregator) {}

grpc::ServerUnaryReactor* StatisticsRpc::Aggregate(
    grpc::CallbackServerContext* context, const v1::AggregateRequest* request,
    v1::AggregateResponse* response) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        StatisticRequest asked;
        asked.caller_thumbprint = call->caller().spki_thumbprint;
        asked.agreement = request->agreement_id();
        asked.purpose = request->purpose_iri();
        asked.attribute = request->attribute();
        LIMPID_ASSIGN_OR_RETURN(asked.function, FromProto(request->function()));
        aggregator_.Answer(
            std::move(asked),
            [call, response](const absl::StatusOr<StatisticAnswer>& answer) {
              call->Complete([&] { return Fill(answer, *response); });
            });
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault
