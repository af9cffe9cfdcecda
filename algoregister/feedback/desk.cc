#include "algoregister/feedback/desk.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/feedback/screen.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/version/version.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kFieldsPrefix = "/fields/";

absl::Status CheckField(RegistrationKind kind, std::string_view field) {
  if (field.empty()) return absl::OkStatus();
  if (field.starts_with(kFieldsPrefix) &&
      FindField(kind, field.substr(kFieldsPrefix.size())) != nullptr) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "field: must be the pointer of a field of this kind, such as "
      "\"/fields/title\"");
}

// The first of these fields that says something.
std::string FirstText(const json::Value& content,
                      std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    std::string text = TextOf(content, name, "en");
    if (!text.empty()) return text;
  }
  return {};
}

// Times are kept to the millisecond, so that what is answered now is what is
// read later.
absl::Time Whole(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

absl::Status NoSuchTicket() { return absl::NotFoundError("no such ticket"); }

absl::Status CheckTakesText(const Ticket& ticket) {
  if (ticket.standing.state == TicketState::kClosed) {
    return absl::FailedPreconditionError("the ticket is closed");
  }
  if (ticket.acts.front().text_state != TextState::kShown) {
    return absl::FailedPreconditionError("the text of the ticket is hidden");
  }
  return absl::OkStatus();
}

absl::Status CheckActs(const Ticket& ticket, std::size_t most) {
  if (ticket.acts.size() < most) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "the ticket has as many acts as one may have; open another one");
}

// Whether `act` has a text of its own that people wrote to each other.
bool HasText(const TicketAct& act) {
  return act.kind == TicketActKind::kOpened ||
         act.kind == TicketActKind::kRemark ||
         act.kind == TicketActKind::kAnswer;
}

absl::StatusOr<const TicketAct*> FindAct(const Ticket& ticket,
                                         std::uint32_t number) {
  if (number == 0 || number > ticket.acts.size()) {
    return absl::NotFoundError("the ticket has no such act");
  }
  return &ticket.acts[number - 1];
}

// Who hid the text of `act` last.
TicketAuthor HiddenBy(const Ticket& ticket, std::uint32_t act) {
  TicketAuthor out = TicketAuthor::kAdministrator;
  for (const TicketAct& one : ticket.acts) {
    if (one.kind == TicketActKind::kModeration && one.about == act) {
      out = one.author;
    }
  }
  return out;
}

}  // namespace

absl::Status FeedbackDesk::CheckRoom(const RegistrationId& registration) const {
  const absl::Time since = Whole(parts_.clock.Now() - absl::Hours(24));
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t about,
                          parts_.tickets.CountSince(registration, since));
  if (about >= kMaxTicketsADay) {
    return absl::ResourceExhaustedError(
        "the registration got as many tickets today as one may get; look "
        "whether one of them says what you would say, or try tomorrow");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t all,
                          parts_.tickets.CountSince(std::nullopt, since));
  if (all < kMaxTicketsADayInAll) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "the register got as many tickets today as it takes; try tomorrow");
}

absl::StatusOr<Version> FeedbackDesk::Checked(const NewTicket& ticket,
                                              absl::Time now) const {
  LIMPID_RETURN_IF_ERROR(CheckField(ticket.registration.kind, ticket.field));
  LIMPID_RETURN_IF_ERROR(
      CheckPublicText("text", ticket.text, kMaxTicketTextBytes, now));
  return parts_.registrations.Get(ticket.registration, ticket.version);
}

absl::Status FeedbackDesk::CheckOpen(const NewTicket& ticket) const {
  return Checked(ticket, parts_.clock.Now()).status();
}

absl::StatusOr<OpenedTicket> FeedbackDesk::Open(const NewTicket& ticket) {
  const absl::Time now = Whole(parts_.clock.Now());
  LIMPID_ASSIGN_OR_RETURN(const Version version, Checked(ticket, now));
  const json::Value content = ContentOf(version);
  base::ByteArray<kSecretBytes> secret{};
  parts_.random.Fill(secret);
  OpenedTicket out;
  out.secret_code = base::Base64UrlEncode(secret);
  out.decision_channel =
      FirstText(content, {"appeal", "objection_procedure", "contact"});
  Ticket& made = out.ticket;
  made.id = TicketId::Random();
  made.registration = ticket.registration;
  made.version = version.number;
  made.field = ticket.field;
  made.kind = ticket.kind;
  made.opened = now;
  made.organisation = OrganisationOf(content);
  if (ticket.registration.kind == RegistrationKind::kOrganisation) {
    made.organisation = ticket.registration;
  }
  made.secret_hash = crypto::Sha256(secret);
  made.acts = {{.number = 1,
                .kind = TicketActKind::kOpened,
                .author = TicketAuthor::kFiler,
                .time = now,
                .text = ticket.text}};
  made.standing = StandingOf(made.kind, made.acts);
  if (made.organisation && out.decision_channel.empty()) {
    const auto body = parts_.registrations.Get(*made.organisation, 0);
    if (body.ok()) {
      out.decision_channel =
          FirstText(ContentOf(*body), {"appeal", "contact", "website"});
    }
  }
  const base::MutexLock lock(mutex_);
  LIMPID_RETURN_IF_ERROR(CheckRoom(ticket.registration));
  LIMPID_RETURN_IF_ERROR(parts_.tickets.Add(made));
  return out;
}

absl::StatusOr<Ticket> FeedbackDesk::OfFiler(const TicketId& ticket,
                                             std::string_view secret) const {
  auto found = parts_.tickets.Get(ticket);
  if (absl::IsNotFound(found.status())) return NoSuchTicket();
  LIMPID_RETURN_IF_ERROR(found.status());
  const auto bytes = base::Base64UrlDecode(secret);
  // Hashes of 32 random bytes: how long the comparison takes tells nothing that
  // leads to a secret.
  if (!bytes.ok() || bytes->size() != kSecretBytes ||
      crypto::Sha256(*bytes) != found->secret_hash) {
    return NoSuchTicket();
  }
  return found;
}

absl::StatusOr<TicketAuthor> FeedbackDesk::RoleOf(const DeskCaller& caller,
                                                  const Ticket& ticket) const {
  if (!caller.publisher) return TicketAuthor::kAdministrator;
  LIMPID_ASSIGN_OR_RETURN(const Version newest,
                          parts_.registrations.Get(ticket.registration, 0));
  if (newest.publisher == *caller.publisher) return TicketAuthor::kPublisher;
  return absl::PermissionDeniedError(
      "another publisher keeps the registration of this ticket");
}

absl::StatusOr<Ticket> FeedbackDesk::Append(
    Ticket ticket, TicketAct act, const std::optional<TextChange>& change) {
  act.number = static_cast<std::uint32_t>(ticket.acts.size()) + 1;
  act.time = Whole(parts_.clock.Now());
  if (change) {
    TicketAct& about = ticket.acts[change->number - 1];
    about.text_state = change->state;
    if (change->state == TextState::kDestroyed) about.text.clear();
  }
  ticket.acts.push_back(act);
  ticket.standing = StandingOf(ticket.kind, ticket.acts);
  LIMPID_RETURN_IF_ERROR(
      parts_.tickets.Append(ticket.id, act, ticket.standing, change));
  return ticket;
}

absl::StatusOr<Ticket> FeedbackDesk::TakesRemark(
    const TicketId& ticket, std::string_view secret) const {
  LIMPID_ASSIGN_OR_RETURN(Ticket found, OfFiler(ticket, secret));
  LIMPID_RETURN_IF_ERROR(CheckTakesText(found));
  LIMPID_RETURN_IF_ERROR(CheckActs(found, kMaxTicketActs - kActsNotForRemarks));
  return found;
}

absl::Status FeedbackDesk::CheckRemark(const TicketId& ticket,
                                       std::string_view secret,
                                       std::string_view text) const {
  LIMPID_RETURN_IF_ERROR(
      CheckPublicText("text", text, kMaxTicketTextBytes, parts_.clock.Now()));
  return TakesRemark(ticket, secret).status();
}

absl::StatusOr<Ticket> FeedbackDesk::Remark(const TicketId& ticket,
                                            std::string_view secret,
                                            std::string_view text) {
  LIMPID_RETURN_IF_ERROR(
      CheckPublicText("text", text, kMaxTicketTextBytes, parts_.clock.Now()));
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(Ticket found, TakesRemark(ticket, secret));
  return Append(std::move(found),
                {.kind = TicketActKind::kRemark,
                 .author = TicketAuthor::kFiler,
                 .text = std::string(text)},
                std::nullopt);
}

absl::StatusOr<Ticket> FeedbackDesk::Close(const TicketId& ticket,
                                           std::string_view secret) {
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(Ticket found, OfFiler(ticket, secret));
  for (const TicketAct& act : found.acts) {
    if (act.kind == TicketActKind::kClose) return found;
  }
  return Append(std::move(found),
                {.kind = TicketActKind::kClose, .author = TicketAuthor::kFiler},
                std::nullopt);
}

absl::StatusOr<Ticket> FeedbackDesk::Answer(const DeskCaller& caller,
                                            const TicketId& ticket,
                                            std::string_view text) {
  LIMPID_RETURN_IF_ERROR(
      CheckPublicText("text", text, kMaxAnswerBytes, parts_.clock.Now()));
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(Ticket found, parts_.tickets.Get(ticket));
  LIMPID_ASSIGN_OR_RETURN(const TicketAuthor role, RoleOf(caller, found));
  if (role != TicketAuthor::kPublisher) {
    return absl::PermissionDeniedError(
        "answers are the publisher's of the registration");
  }
  LIMPID_RETURN_IF_ERROR(CheckTakesText(found));
  LIMPID_RETURN_IF_ERROR(CheckActs(found, kMaxTicketActs));
  return Append(std::move(found),
                {.kind = TicketActKind::kAnswer,
                 .author = role,
                 .text = std::string(text)},
                std::nullopt);
}

absl::StatusOr<Ticket> FeedbackDesk::Moderate(const DeskCaller& caller,
                                              const TicketId& ticket,
                                              const Moderation& moderation) {
  if (moderation.reason == ModerationReason::kNone) {
    return absl::InvalidArgumentError("reason: must be given");
  }
  LIMPID_RETURN_IF_ERROR(CheckPublicText(
      "words", moderation.words, kMaxModerationBytes, parts_.clock.Now()));
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(Ticket found, parts_.tickets.Get(ticket));
  LIMPID_ASSIGN_OR_RETURN(const TicketAuthor role, RoleOf(caller, found));
  LIMPID_ASSIGN_OR_RETURN(const TicketAct* const about,
                          FindAct(found, moderation.act));
  const bool destroy = moderation.reason == ModerationReason::kPersonalData;
  // An administrator says of what a publisher hid that it is to be hidden.
  const bool confirms =
      role == TicketAuthor::kAdministrator &&
      about->text_state != TextState::kShown &&
      HiddenBy(found, about->number) == TicketAuthor::kPublisher;
  // Whoever was told that it failed asks again: the act stays, and what may be
  // left of the text goes.
  if (destroy && !confirms && about->text_state == TextState::kDestroyed) {
    LIMPID_RETURN_IF_ERROR(parts_.tickets.Scrub());
    return found;
  }
  // What is hidden may turn out to hold personal data.
  const bool there = about->text_state == TextState::kShown || confirms ||
                     (destroy && about->text_state == TextState::kHidden);
  if (!HasText(*about) || !there) {
    return absl::FailedPreconditionError("the act has no text to hide");
  }
  const bool gone = destroy || about->text_state == TextState::kDestroyed;
  // Personal data go whatever else happened to the ticket.
  if (!destroy) {
    LIMPID_RETURN_IF_ERROR(CheckActs(found, kMaxTicketActs));
  }
  return Append(std::move(found),
                {.kind = TicketActKind::kModeration,
                 .author = role,
                 .text = moderation.words,
                 .about = moderation.act,
                 .reason = moderation.reason},
                TextChange{moderation.act,
                           gone ? TextState::kDestroyed : TextState::kHidden});
}

absl::StatusOr<Ticket> FeedbackDesk::Release(const DeskCaller& caller,
                                             const TicketId& ticket,
                                             std::uint32_t act,
                                             std::string_view words) {
  LIMPID_RETURN_IF_ERROR(
      CheckPublicText("words", words, kMaxModerationBytes, parts_.clock.Now()));
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(Ticket found, parts_.tickets.Get(ticket));
  LIMPID_ASSIGN_OR_RETURN(const TicketAuthor role, RoleOf(caller, found));
  LIMPID_ASSIGN_OR_RETURN(const TicketAct* const about, FindAct(found, act));
  if (about->text_state != TextState::kHidden) {
    return absl::FailedPreconditionError("the act has no hidden text");
  }
  if (role == TicketAuthor::kPublisher &&
      HiddenBy(found, act) == TicketAuthor::kAdministrator) {
    return absl::PermissionDeniedError(
        "an administrator hid it; only an administrator shows it again");
  }
  LIMPID_RETURN_IF_ERROR(CheckActs(found, kMaxTicketActs));
  return Append(std::move(found),
                {.kind = TicketActKind::kRelease,
                 .author = role,
                 .text = std::string(words),
                 .about = act},
                TextChange{act, TextState::kShown});
}

absl::StatusOr<FeedbackFigures> FeedbackDesk::Figures(
    const RegistrationId& organisation) const {
  LIMPID_RETURN_IF_ERROR(parts_.registrations.GetHead(organisation).status());
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<TicketTimes> times,
      parts_.tickets.Times(organisation, kMaxFigureTickets));
  return FiguresOf(times, parts_.clock.Now());
}

}  // namespace limpid::algoregister
