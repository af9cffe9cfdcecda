// Anna withdraws: nothing is handed out any more, and the service is told.

#include <utility>

#include "clients/cli/demo/world.h"
#include "clients/cli/person_views.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

absl::Status Withdraw(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const client::CheckedReceipt receipt,
      world.anna->consent->Withdraw(world.ticket.record_id));
  world.story.Say("receipt " + receipt.verified.body.id + " verified");
  LIMPID_ASSIGN_OR_RETURN(const auto record, world.anna->consent->GetRecord(
                                                 world.ticket.record_id));
  return Expect(record.record().state() == v1::RECORD_STATE_WITHDRAWN,
                "the record is withdrawn");
}

absl::Status ReadAfterwards(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto read,
      ReadTicket(world, demo::kTicketPurpose,
                 {std::string(demo::kName), std::string(demo::kBirthDate)}));
  for (const auto& result : read.results()) {
    LIMPID_RETURN_IF_ERROR(
        Expect(result.verdict() != vault::v1::VERDICT_ALLOWED &&
                   result.value_json().empty(),
               "the next read gets nothing"));
  }
  return Expect(read.results_size() == 2, "both attributes are answered");
}

absl::Status HearOfWithdrawal(World& world) {
  client::ServiceClient service(*world.film_house, world.clock);
  bool withdrawn = false;
  LIMPID_RETURN_IF_ERROR(service.Watch(
      world.watch_cursor, absl::Seconds(20),
      [&](const v1::WatchResponse& message) {
        world.watch_cursor = message.cursor();
        if (!message.has_event()) return true;
        world.story.Say("event: " + StateName(message.event().state()));
        withdrawn = message.event().state() == v1::RECORD_STATE_WITHDRAWN &&
                    message.event().record_id() == world.ticket.record_id;
        return !withdrawn;
      }));
  return Expect(withdrawn, "Watch shows the withdrawal after the cursor");
}

absl::Status StayWithdrawn(World& world) {
  const auto resumed = world.anna->consent->Resume(world.ticket.record_id);
  client::GrantChoice choice;
  choice.attributes = {std::string(demo::kBirthDate)};
  const auto granted =
      world.anna->consent->Grant(world.ticket.record_id, choice);
  LIMPID_RETURN_IF_ERROR(ExpectCode(resumed.status(),
                                    absl::StatusCode::kFailedPrecondition,
                                    "a withdrawn record cannot be resumed"));
  return ExpectCode(granted.status(), absl::StatusCode::kFailedPrecondition,
                    "a withdrawn record cannot be granted again");
}

}  // namespace

absl::Status TellWithdraw(World& world) {
  Story& story = world.story;
  story.Chapter("Anna withdraws");
  LIMPID_RETURN_IF_ERROR(
      story.Step("withdraw", "Anna withdraws her consent to the film house.",
                 [&] { return Withdraw(world); }));
  LIMPID_RETURN_IF_ERROR(
      story.Step("read-refused", "The film house reads again; it gets nothing.",
                 [&] { return ReadAfterwards(world); }));
  LIMPID_RETURN_IF_ERROR(
      story.Step("watch", "The film house, resuming where it stopped, is told.",
                 [&] { return HearOfWithdrawal(world); }));
  return story.Step("withdrawn-is-final",
                    "Ended is ended: the record cannot be revived.",
                    [&] { return StayWithdrawn(world); });
}

}  // namespace limpid::cli
