// Tickets over the wire: a register on SQLCipher, gRPC over TLS, a filer
// without a name, a publisher and an administrator, and a clock that moves.

#include "algoregister/rpc/feedback_rpc.h"

#include <cstddef>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/register.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/rpc/mim5_rpc.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_ticket_store.h"
#include "common/base/clock.h"
#include "common/json/json.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/feedback_service.grpc.pb.h"
#include "limpid/algoregister/v1/mim5_service.grpc.pb.h"
#include "tests/integration/algoregister/failing_checkpoint.h"
#include "tests/integration/algoregister/gated_tickets.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using Code = grpc::StatusCode;
using Public = v1::FeedbackService::Stub;
using Desk = v1::FeedbackDeskService::Stub;

constexpr absl::Duration kDay = absl::Hours(24);

std::unique_ptr<storage::Database> NewDatabase(
    const std::filesystem::path& path) {
  storage::Options options;
  options.path = path;
  options.key = base::SecretBytes(storage::kRawKeyBytes);
  options.migrations = RegisterMigrations();
  return storage::Database::Create(std::move(options)).value();
}

// What came of a call: its code, and its message when it is none.
struct Came {
  Code code = Code::OK;
  std::string message;
};

class FeedbackRpcTest : public ::testing::Test {
 protected:
  FeedbackRpcTest() {
    Publisher publisher = house_.publisher;
    publisher.certificate_thumbprints = {certificate_.thumbprint};
    EXPECT_THAT(publishers_.Create(publisher, base::RandomIdBytes()),
                testing::IsOk());
    json::Value body = NewContent(RegistrationKind::kOrganisation);
    SetField(body, "name", Given(json::Value("City of Examples")));
    SetField(body, "contact", Given(json::Value("the town hall")));
    body.Remove("kind");
    const auto draft = house_.target.PrepareNew(
        house_.By(house_.publisher), RegistrationKind::kOrganisation, body);
    organisation_ = house_.Publish(*draft)->registration.Text();
    rpc::RuntimeOptions options;
    options.admin_ca_pem = tls_.admin_ca_pem();
    runtime_.emplace(std::move(options), wall_);
    public_.emplace(*runtime_, rpc::AuthPolicy::Public(), desk_, tickets_,
                    house_.clock);
    answers_.emplace(*runtime_, rpc::AuthPolicy::Certificate(), desk_,
                     publishers_);
    mim5_.emplace(*runtime_, rpc::AuthPolicy::Public(), house_.store,
                  house_.clock);
    server_ =
        rpc::Server::Start({.certificate_pem = tls_.server().certificate_pem,
                            .private_key_pem = tls_.server().private_key_pem,
                            .client_roots_pem = tls_.client_roots_pem()},
                           *runtime_, {&*public_, &*answers_, &*mim5_})
            .value();
  }
  [[nodiscard]] std::shared_ptr<grpc::Channel> Channel(
      const testing::TestCertificate* certificate) const {
    rpc::ChannelOptions options;
    options.address = "localhost:" + std::to_string(server_->port());
    options.ca_pem = tls_.server_ca_pem();
    if (certificate != nullptr) {
      options.certificate_pem = certificate->certificate_pem;
      options.private_key_pem = certificate->private_key_pem;
    }
    return rpc::MakeChannel(options).value();
  }
  template <typename Stub, typename Request, typename Response>
  static Came Call(Stub& stub,
                   grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                const Request&, Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    rpc::SetDeadline(context, absl::Seconds(60));
    const grpc::Status status = (stub.*method)(&context, request, &response);
    return {status.error_code(), status.error_message()};
  }
  Came Open(const std::string& text, v1::OpenTicketResponse& response) {
    v1::OpenTicketRequest request;
    request.set_registration_id(organisation_);
    request.set_field("/fields/contact");
    request.set_kind(v1::TICKET_KIND_OBJECTION);
    request.set_text(text);
    Public stub(Channel(nullptr));
    return Call(stub, &Public::OpenTicket, request, response);
  }
  v1::Ticket Get(const std::string& id) {
    v1::GetTicketRequest request;
    request.set_ticket_id(id);
    v1::GetTicketResponse response;
    Public stub(Channel(nullptr));
    EXPECT_EQ(Call(stub, &Public::GetTicket, request, response).code, Code::OK);
    return response.ticket();
  }
  std::vector<std::string> Listed(v1::TicketState state) {
    v1::ListTicketsRequest request;
    request.set_organisation_id(organisation_);
    request.set_state(state);
    request.set_page_size(1);
    std::vector<std::string> out;
    Public stub(Channel(nullptr));
    do {
      v1::ListTicketsResponse response;
      EXPECT_EQ(Call(stub, &Public::ListTickets, request, response).code,
                Code::OK);
      for (const auto& one : response.tickets()) out.push_back(one.ticket_id());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return out;
  }
  Code Answer(const std::string& id, const std::string& text,
              const testing::TestCertificate& certificate) {
    v1::AnswerTicketRequest request;
    request.set_ticket_id(id);
    request.set_text(text);
    v1::AnswerTicketResponse response;
    Desk stub(Channel(&certificate));
    return Call(stub, &Desk::AnswerTicket, request, response).code;
  }
  Code Moderate(const std::string& id, v1::ModerationReason reason,
                const testing::TestCertificate& certificate) {
    v1::ModerateTicketRequest request;
    request.set_ticket_id(id);
    request.set_reason(reason);
    request.set_words("It insults.");
    v1::ModerateTicketResponse response;
    Desk stub(Channel(&certificate));
    return Call(stub, &Desk::ModerateTicket, request, response).code;
  }

  testing::TempDir folder_;
  // Of calls; tickets go by the clock of the house.
  base::SystemClock wall_;
  testing::TestTls tls_;
  testing::TestCertificate certificate_ = tls_.IssueService("publisher");
  testing::TestCertificate stranger_ = tls_.IssueService("stranger");
  testing::TestCertificate admin_ = tls_.IssueAdministrator("admin");
  std::unique_ptr<storage::Database> database_ =
      NewDatabase(folder_.path() / "store.db");
  RegisterHouseOf<SqlRegistrationStore> house_{*database_};
  SqlPublisherStore publishers_{*database_};
  FailingCheckpoint failing_{*database_};
  SqlTicketStore tickets_{failing_};
  FeedbackDesk desk_{{.tickets = tickets_,
                      .registrations = house_.store,
                      .clock = house_.clock,
                      .random = crypto::SystemRandom()}};
  std::string organisation_;
  std::optional<rpc::Runtime> runtime_;
  std::optional<FeedbackRpc> public_;
  std::optional<FeedbackDeskRpc> answers_;
  std::optional<Mim5Rpc> mim5_;
  std::unique_ptr<rpc::Server> server_;
};

// What may be left of a text goes when whoever was refused asks again.
TEST_F(FeedbackRpcTest, ADestructionThatFailedIsDoneByTheNextCall) {
  v1::OpenTicketResponse opened;
  ASSERT_EQ(Open("A name.", opened).code, Code::OK);
  const std::string id = opened.ticket().ticket_id();
  constexpr auto kReason = v1::MODERATION_REASON_PERSONAL_DATA;
  failing_.FailNext(2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Moderate(id, kReason, certificate_), Code::RESOURCE_EXHAUSTED);
    EXPECT_EQ(Get(id).acts(0).text(), "");
  }
  EXPECT_EQ(Moderate(id, kReason, stranger_), Code::PERMISSION_DENIED);
  EXPECT_EQ(Moderate(id, kReason, certificate_), Code::OK);
  EXPECT_EQ(Moderate(id, v1::MODERATION_REASON_SPAM, certificate_),
            Code::FAILED_PRECONDITION);
  EXPECT_EQ(Get(id).acts_size(), 2);
}

TEST_F(FeedbackRpcTest, ATicketFromItsOpeningToItsClose) {
  v1::OpenTicketResponse opened;
  const std::string text = "Why <script>alert(1)</script> so?";
  ASSERT_EQ(Open(text, opened).code, Code::OK);
  EXPECT_EQ(opened.decision_channel(), "the town hall");
  const std::string id = opened.ticket().ticket_id();
  EXPECT_EQ(Get(id).state(), v1::TICKET_STATE_OPEN);
  EXPECT_EQ(Get(id).acts(0).text(), text);
  EXPECT_EQ(Get(id).due_time().seconds() - Get(id).opened_time().seconds(),
            absl::ToInt64Seconds(42 * kDay));
  house_.clock.Advance(42 * kDay + absl::Seconds(1));
  EXPECT_EQ(Get(id).state(), v1::TICKET_STATE_OVERDUE);
  EXPECT_EQ(Listed(v1::TICKET_STATE_OVERDUE), std::vector{id});
  EXPECT_EQ(Answer(id, "Because.", stranger_), Code::PERMISSION_DENIED);
  EXPECT_EQ(Answer(id, "Because.", admin_), Code::PERMISSION_DENIED);
  EXPECT_EQ(Answer(id, "Ask a@example.org", certificate_),
            Code::INVALID_ARGUMENT);
  ASSERT_EQ(Answer(id, "Because.", certificate_), Code::OK);
  EXPECT_EQ(Get(id).state(), v1::TICKET_STATE_ANSWERED);
  EXPECT_TRUE(Listed(v1::TICKET_STATE_OVERDUE).empty());
  v1::CloseTicketRequest close;
  close.set_ticket_id(id);
  close.set_secret_code(std::string(43, 'A'));
  v1::CloseTicketResponse closed;
  Public stub(Channel(nullptr));
  EXPECT_EQ(Call(stub, &Public::CloseTicket, close, closed).code,
            Code::NOT_FOUND);
  close.set_secret_code(opened.secret_code());
  ASSERT_EQ(Call(stub, &Public::CloseTicket, close, closed).code, Code::OK);
  EXPECT_EQ(Get(id).state(), v1::TICKET_STATE_CLOSED);
  v1::GetFeedbackFiguresRequest whose;
  whose.set_organisation_id(organisation_);
  v1::GetFeedbackFiguresResponse figures;
  ASSERT_EQ(Call(stub, &Public::GetFeedbackFigures, whose, figures).code,
            Code::OK);
  EXPECT_EQ(figures.median_answer_seconds(),
            absl::ToInt64Seconds(42 * kDay) + 1);
  EXPECT_EQ(figures.answered_in_time_count(), 0);
}

// Each reads as many tickets as an organisation has, and anybody may ask.
TEST_F(FeedbackRpcTest, OneAddressHoldsItsShareOfTheFigures) {
  GatedTickets gated(tickets_);
  FeedbackDesk desk({.tickets = gated,
                     .registrations = house_.store,
                     .clock = house_.clock,
                     .random = crypto::SystemRandom()});
  FeedbackRpc service(*runtime_, rpc::AuthPolicy::Public(), desk, gated,
                      house_.clock);
  const auto before = std::exchange(
      server_,
      rpc::Server::Start({.certificate_pem = tls_.server().certificate_pem,
                          .private_key_pem = tls_.server().private_key_pem,
                          .client_roots_pem = tls_.client_roots_pem()},
                         *runtime_, {&service})
          .value());
  const auto ask = [this] {
    v1::GetFeedbackFiguresRequest request;
    request.set_organisation_id(organisation_);
    v1::GetFeedbackFiguresResponse figures;
    Public stub(Channel(nullptr));
    return Call(stub, &Public::GetFeedbackFigures, request, figures).code;
  };
  gated.gate.Close();
  std::vector<std::future<Code>> open;
  for (int i = 0; i < ExportLimit::kMostPerClient; ++i) {
    open.push_back(std::async(std::launch::async, ask));
  }
  gated.gate.AwaitWaiting(ExportLimit::kMostPerClient);
  EXPECT_EQ(ask(), Code::RESOURCE_EXHAUSTED);
  gated.gate.Open();
  for (std::future<Code>& one : open) EXPECT_EQ(one.get(), Code::OK);
  EXPECT_EQ(ask(), Code::OK);
  server_.reset();
}

TEST_F(FeedbackRpcTest, WhatIsHiddenIsNowhereInTheAnswers) {
  v1::OpenTicketResponse opened;
  ASSERT_EQ(Open("A planted word: zanzibar.", opened).code, Code::OK);
  const std::string id = opened.ticket().ticket_id();
  EXPECT_EQ(Moderate(id, v1::MODERATION_REASON_ABUSE, stranger_),
            Code::PERMISSION_DENIED);
  EXPECT_EQ(Moderate(id, v1::MODERATION_REASON_UNSPECIFIED, certificate_),
            Code::INVALID_ARGUMENT);
  ASSERT_EQ(Moderate(id, v1::MODERATION_REASON_ABUSE, certificate_), Code::OK);
  const v1::Ticket hidden = Get(id);
  EXPECT_EQ(hidden.SerializeAsString().find("zanzibar"), std::string::npos);
  EXPECT_EQ(hidden.acts(0).text_state(), v1::TEXT_STATE_HIDDEN);
  EXPECT_EQ(hidden.acts(1).text(), "It insults.");
  EXPECT_EQ(hidden.state(), v1::TICKET_STATE_MODERATED);
  EXPECT_EQ(Listed(v1::TICKET_STATE_MODERATED), std::vector{id});
  v1::ReleaseTicketRequest release;
  release.set_ticket_id(id);
  release.set_words("It does not.");
  v1::ReleaseTicketResponse released;
  Desk stub(Channel(&certificate_));
  ASSERT_EQ(Call(stub, &Desk::ReleaseTicket, release, released).code, Code::OK);
  EXPECT_EQ(Get(id).acts(0).text(), "A planted word: zanzibar.");
}

TEST_F(FeedbackRpcTest, ARefusalNamesThePlaceAndNotTheText) {
  v1::OpenTicketResponse opened;
  const Came came = Open("I am 111222333, help", opened);
  EXPECT_EQ(came.code, Code::INVALID_ARGUMENT);
  EXPECT_NE(came.message.find("character 6"), std::string::npos);
  EXPECT_EQ(came.message.find("111222333"), std::string::npos);
  EXPECT_TRUE(Listed(v1::TICKET_STATE_UNSPECIFIED).empty());
}

TEST_F(FeedbackRpcTest, AFloodFromOneAddressEndsBeforeItFillsTheStore) {
  int taken = 0;
  for (int i = 0; i < 50; ++i) {
    v1::OpenTicketResponse opened;
    const Code code = Open("Why?", opened).code;
    EXPECT_TRUE(code == Code::OK || code == Code::RESOURCE_EXHAUSTED) << i;
    if (code == Code::OK) ++taken;
  }
  EXPECT_EQ(taken, FilingLimit::kBurst);
  EXPECT_EQ(Listed(v1::TICKET_STATE_OPEN).size(),
            static_cast<std::size_t>(FilingLimit::kBurst));
}

TEST_F(FeedbackRpcTest, WhatIsRefusedAnywayUsesNothingUp) {
  v1::OpenTicketResponse opened;
  ASSERT_EQ(Open("Why?", opened).code, Code::OK);
  v1::AddRemarkRequest remark;
  remark.set_ticket_id(opened.ticket().ticket_id());
  remark.set_text("And why so?");
  v1::AddRemarkResponse remarked;
  Public stub(Channel(nullptr));
  for (int i = 0; i < 3 * FilingLimit::kBurst; ++i) {
    EXPECT_EQ(Open("I am 111222333", opened).code, Code::INVALID_ARGUMENT);
    remark.set_secret_code(std::string(43, 'A'));
    EXPECT_EQ(Call(stub, &Public::AddRemark, remark, remarked).code,
              Code::NOT_FOUND);
  }
  for (int i = 1; i < FilingLimit::kBurst; ++i) {
    EXPECT_EQ(Open("Why?", opened).code, Code::OK) << i;
  }
  EXPECT_EQ(Open("Why?", opened).code, Code::RESOURCE_EXHAUSTED);
}

TEST_F(FeedbackRpcTest, RemarksUseTheSameBucketUp) {
  v1::OpenTicketResponse opened;
  ASSERT_EQ(Open("Why?", opened).code, Code::OK);
  v1::AddRemarkRequest remark;
  remark.set_ticket_id(opened.ticket().ticket_id());
  remark.set_secret_code(opened.secret_code());
  remark.set_text("And why so?");
  v1::AddRemarkResponse remarked;
  Public stub(Channel(nullptr));
  for (int i = 1; i < FilingLimit::kBurst; ++i) {
    EXPECT_EQ(Call(stub, &Public::AddRemark, remark, remarked).code, Code::OK);
  }
  EXPECT_EQ(Call(stub, &Public::AddRemark, remark, remarked).code,
            Code::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Get(remark.ticket_id()).acts_size(), FilingLimit::kBurst);
}

TEST_F(FeedbackRpcTest, AnAdministratorModeratesAndTheActSaysWhatAndWhy) {
  v1::OpenTicketResponse opened;
  ASSERT_EQ(Open("Why?", opened).code, Code::OK);
  EXPECT_EQ(opened.ticket().organisation_id(), organisation_);
  v1::ModerateTicketRequest request;
  request.set_ticket_id(opened.ticket().ticket_id());
  request.set_act_number(2);
  request.set_reason(v1::MODERATION_REASON_SPAM);
  request.set_words("It sells something.");
  ASSERT_EQ(Answer(request.ticket_id(), "Buy it.", certificate_), Code::OK);
  v1::ModerateTicketResponse moderated;
  Desk stub(Channel(&admin_));
  ASSERT_EQ(Call(stub, &Desk::ModerateTicket, request, moderated).code,
            Code::OK);
  const v1::Ticket& ticket = moderated.ticket();
  ASSERT_EQ(ticket.acts_size(), 3);
  EXPECT_EQ(ticket.acts(0).text_state(), v1::TEXT_STATE_SHOWN);
  EXPECT_EQ(ticket.acts(1).text_state(), v1::TEXT_STATE_HIDDEN);
  EXPECT_EQ(ticket.acts(2).author(), v1::TICKET_AUTHOR_ADMINISTRATOR);
  EXPECT_EQ(ticket.acts(2).about_act(), 2);
  EXPECT_EQ(ticket.acts(2).reason(), v1::MODERATION_REASON_SPAM);
}

TEST_F(FeedbackRpcTest, FiguresCountEachKindOfTicketApart) {
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    v1::OpenTicketResponse opened;
    ASSERT_EQ(Open("Why?", opened).code, Code::OK);
    ids.push_back(opened.ticket().ticket_id());
  }
  ASSERT_EQ(Answer(ids[0], "Because.", certificate_), Code::OK);
  ASSERT_EQ(Moderate(ids[1], v1::MODERATION_REASON_ABUSE, certificate_),
            Code::OK);
  EXPECT_TRUE(Listed(v1::TICKET_STATE_OVERDUE).empty()) << "they are open";
  v1::GetFeedbackFiguresRequest whose;
  whose.set_organisation_id(organisation_);
  v1::GetFeedbackFiguresResponse figures;
  Public stub(Channel(nullptr));
  ASSERT_EQ(Call(stub, &Public::GetFeedbackFigures, whose, figures).code,
            Code::OK);
  EXPECT_EQ(figures.ticket_count(), 4);
  EXPECT_EQ(figures.open_count(), 2);
  EXPECT_EQ(figures.overdue_count(), 0);
  EXPECT_EQ(figures.answered_count(), 1);
  EXPECT_EQ(figures.answered_in_time_count(), 1);
  EXPECT_EQ(figures.moderated_count(), 1);
}

// Each was worth a crash, a ticket of no kind or a page of somebody else's.
TEST_F(FeedbackRpcTest, MalformedRequestsAreInvalid) {
  Public stub(Channel(nullptr));
  v1::OpenTicketRequest open;
  open.set_registration_id(organisation_);
  open.set_text("Why?");
  v1::OpenTicketResponse opened;
  for (const int kind : {0, 9}) {
    open.set_kind(static_cast<v1::TicketKind>(kind));
    EXPECT_EQ(Call(stub, &Public::OpenTicket, open, opened).code,
              Code::INVALID_ARGUMENT);
  }
  v1::ListTicketsRequest list;
  v1::ListTicketsResponse listed;
  list.set_state(static_cast<v1::TicketState>(9));
  EXPECT_EQ(Call(stub, &Public::ListTickets, list, listed).code,
            Code::INVALID_ARGUMENT);
  list.clear_state();
  list.set_page_token("x");
  EXPECT_EQ(Call(stub, &Public::ListTickets, list, listed).code,
            Code::INVALID_ARGUMENT);
  ASSERT_EQ(Open("Why?", opened).code, Code::OK);
  v1::ModerateTicketRequest moderate;
  moderate.set_ticket_id(opened.ticket().ticket_id());
  moderate.set_words("It insults.");
  moderate.set_reason(static_cast<v1::ModerationReason>(9));
  v1::ModerateTicketResponse moderated;
  Desk desk(Channel(&certificate_));
  EXPECT_EQ(Call(desk, &Desk::ModerateTicket, moderate, moderated).code,
            Code::INVALID_ARGUMENT);
  moderate.set_reason(v1::MODERATION_REASON_SPAM);
  moderate.set_act_number(-1);
  EXPECT_EQ(Call(desk, &Desk::ModerateTicket, moderate, moderated).code,
            Code::INVALID_ARGUMENT);
  EXPECT_EQ(Get(moderate.ticket_id()).acts_size(), 1);
}

TEST_F(FeedbackRpcTest, ADeskIsNotForTheNameless) {
  v1::AnswerTicketRequest request;
  v1::AnswerTicketResponse response;
  Desk stub(Channel(nullptr));
  EXPECT_EQ(Call(stub, &Desk::AnswerTicket, request, response).code,
            Code::UNAUTHENTICATED);
}

TEST_F(FeedbackRpcTest, AnswersToMim5SayTheSameAsFieldsAndAsDocuments) {
  using Mim5 = v1::Mim5Service::Stub;
  Mim5 stub(Channel(nullptr));
  v1::ListCertificationsRequest request;
  request.set_subject_id(organisation_);
  v1::ListCertificationsResponse response;
  ASSERT_EQ(Call(stub, &Mim5::ListCertifications, request, response).code,
            Code::OK);
  const auto document = json::ParseStrict(response.document_json());
  ASSERT_THAT(document, testing::IsOk());
  EXPECT_EQ(json::Canonical(*document), response.document_json());
  EXPECT_EQ(response.schema(), *document->GetString("schema"));
  EXPECT_EQ(response.subject().name(), "City of Examples");
  EXPECT_TRUE(response.complete());
  request.set_subject_id("dat_aaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(Call(stub, &Mim5::ListCertifications, request, response).code,
            Code::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace limpid::algoregister
