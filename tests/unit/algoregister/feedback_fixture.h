// A desk for tickets about one system of one body.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_FEEDBACK_FIXTURE_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_FEEDBACK_FIXTURE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/feedback/desk.h"
#include "algoregister/store/memory_ticket_store.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {

class FeedbackTest : public ::testing::Test {
 protected:
  FeedbackTest() {
    json::Value body = NewContent(RegistrationKind::kOrganisation);
    SetField(body, "name", Given(json::Value("City of Examples")));
    SetField(body, "contact", Given(json::Value("the town hall")));
    body.Remove("kind");
    organisation_ = Publish(RegistrationKind::kOrganisation, body);
    json::Value content = SystemRequest("Adviser");
    SetField(content, "provider", Given(json::Value(organisation_.Text())));
    system_ = Publish(RegistrationKind::kSystem, content);
  }
  RegistrationId Publish(RegistrationKind kind, const json::Value& content) {
    const auto draft =
        house_.target.PrepareNew(house_.By(house_.publisher), kind, content);
    EXPECT_THAT(draft, testing::IsOk());
    return house_.Publish(*draft)->registration;
  }
  absl::StatusOr<OpenedTicket> File(
      TicketKind kind = TicketKind::kQuestion,
      const std::string& text = "Why is it used?") {
    return desk_.Open({.registration = system_,
                       .version = 0,
                       .field = "/fields/title",
                       .kind = kind,
                       .text = text});
  }
  OpenedTicket Filed(TicketKind kind = TicketKind::kQuestion) {
    auto opened = File(kind);
    EXPECT_THAT(opened, testing::IsOk());
    return *std::move(opened);
  }
  TicketState StateOf(const Ticket& ticket) {
    return StateAt(tickets_.Get(ticket.id)->standing, house_.clock.Now());
  }

  RegisterHouse house_;
  RegistrationId organisation_;
  RegistrationId system_;
  MemoryTicketStore tickets_;
  FeedbackDesk desk_{{.tickets = tickets_,
                      .registrations = house_.store,
                      .clock = house_.clock,
                      .random = crypto::SystemRandom()}};
  const DeskCaller publisher_{.publisher = house_.publisher.id};
  const DeskCaller stranger_{.publisher = PublisherId::Random()};
  const DeskCaller administrator_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_FEEDBACK_FIXTURE_H_
