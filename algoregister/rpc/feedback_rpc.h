// gRPC edges of tickets: anyone files and reads, publishers answer, publishers
// and administrators moderate.

#ifndef LIMPID_ALGOREGISTER_RPC_FEEDBACK_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_FEEDBACK_RPC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/feedback/desk.h"
#include "algoregister/feedback/ticket_store.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/rpc/filing_limit.h"
#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/feedback_service.grpc.pb.h"

namespace limpid::algoregister {

// As everybody may see it at `now`: without hidden texts.
v1::Ticket PublicTicket(const Ticket& ticket, absl::Time now);

// Thread-safe.
class FeedbackRpc final : public v1::FeedbackService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Public. All must outlive the service.
  FeedbackRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, FeedbackDesk& desk,
              const TicketStore& tickets, const base::Clock& clock)
      : edge_(rpc::EdgeOf<v1::FeedbackService>(runtime, policy)),
        desk_(desk),
        tickets_(tickets),
        limit_(clock) {}

  grpc::ServerUnaryReactor* OpenTicket(
      grpc::CallbackServerContext* context,
      const v1::OpenTicketRequest* request,
      v1::OpenTicketResponse* response) override;
  grpc::ServerUnaryReactor* GetTicket(grpc::CallbackServerContext* context,
                                      const v1::GetTicketRequest* request,
                                      v1::GetTicketResponse* response) override;
  grpc::ServerUnaryReactor* ListTickets(
      grpc::CallbackServerContext* context,
      const v1::ListTicketsRequest* request,
      v1::ListTicketsResponse* response) override;
  grpc::ServerUnaryReactor* AddRemark(grpc::CallbackServerContext* context,
                                      const v1::AddRemarkRequest* request,
                                      v1::AddRemarkResponse* response) override;
  grpc::ServerUnaryReactor* CloseTicket(
      grpc::CallbackServerContext* context,
      const v1::CloseTicketRequest* request,
      v1::CloseTicketResponse* response) override;
  grpc::ServerUnaryReactor* GetFeedbackFigures(
      grpc::CallbackServerContext* context,
      const v1::GetFeedbackFiguresRequest* request,
      v1::GetFeedbackFiguresResponse* response) override;

 private:
  absl::Status Open(const std::string& client,
                    const v1::OpenTicketRequest& request,
                    v1::OpenTicketResponse& response);
  absl::Status Remark(const std::string& client,
                      const v1::AddRemarkRequest& request,
                      v1::AddRemarkResponse& response);
  absl::Status List(const v1::ListTicketsRequest& request,
                    v1::ListTicketsResponse& response) const;

  rpc::Edge edge_;
  FeedbackDesk& desk_;
  const TicketStore& tickets_;
  FilingLimit limit_;
  // Of figures, each over as many tickets.
  ExportLimit figures_;
};

// Thread-safe.
class FeedbackDeskRpc final : public v1::FeedbackDeskService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Certificate. All must outlive the service.
  FeedbackDeskRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  FeedbackDesk& desk, const PublisherStore& publishers)
      : edge_(rpc::EdgeOf<v1::FeedbackDeskService>(runtime, policy)),
        desk_(desk),
        publishers_(publishers) {}

  grpc::ServerUnaryReactor* AnswerTicket(
      grpc::CallbackServerContext* context,
      const v1::AnswerTicketRequest* request,
      v1::AnswerTicketResponse* response) override;
  grpc::ServerUnaryReactor* ModerateTicket(
      grpc::CallbackServerContext* context,
      const v1::ModerateTicketRequest* request,
      v1::ModerateTicketResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseTicket(
      grpc::CallbackServerContext* context,
      const v1::ReleaseTicketRequest* request,
      v1::ReleaseTicketResponse* response) override;

 private:
  [[nodiscard]] absl::StatusOr<DeskCaller> WhoCalls(
      const rpc::Caller& caller) const;

  rpc::Edge edge_;
  FeedbackDesk& desk_;
  const PublisherStore& publishers_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_FEEDBACK_RPC_H_
