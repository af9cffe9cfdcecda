// limpid admin hold, lift-hold: holds on a person's data at the vault.

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/admin_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

struct HoldOptions {
  std::string holder;
  std::string ground;
  std::string reason;
};
struct LiftOptions {
  std::string hold;
};

absl::StatusOr<v1::HoldGround> GroundOf(const std::string& text) {
  static const std::map<std::string, v1::HoldGround> kGrounds = {
      {"expression", v1::HOLD_GROUND_EXPRESSION},
      {"obligation", v1::HOLD_GROUND_OBLIGATION},
      {"public-health", v1::HOLD_GROUND_PUBLIC_HEALTH},
      {"archive", v1::HOLD_GROUND_ARCHIVE},
      {"legal-claims", v1::HOLD_GROUND_LEGAL_CLAIMS},
      {"restriction", v1::HOLD_GROUND_RESTRICTION},
  };
  const auto found = kGrounds.find(text);
  if (found != kGrounds.end()) return found->second;
  return WrongUsage(absl::InvalidArgumentError(
      "--ground is expression, obligation, public-health, archive, "
      "legal-claims (GDPR Art. 17(3)(a) to (e)) or restriction (Art. 18)"));
}

absl::StatusOr<Report> Place(const HoldOptions& options, Session& session) {
  v1::PlaceHoldRequest request;
  request.set_holder_id(options.holder);
  LIMPID_ASSIGN_OR_RETURN(const v1::HoldGround ground,
                          GroundOf(options.ground));
  request.set_ground(ground);
  request.set_reason(options.reason);
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::Hold hold, admin.PlaceHold(request));
  return Report{
      ToJson(hold), [hold](Terminal& terminal) {
        terminal.Line(absl::StrCat(
            "Hold ", hold.id(), " stands; the person sees it and its reason."));
      }};
}

absl::StatusOr<Report> Lift(const LiftOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const v1::Hold hold, admin.LiftHold(options.hold));
  return Report{ToJson(hold), [hold](Terminal& terminal) {
                  terminal.Line(absl::StrCat("Hold ", hold.id(),
                                             " is lifted; she may erase now, "
                                             "if no other stands."));
                }};
}

}  // namespace

void AddHoldCommands(CLI::App& admin, Session& session) {
  auto [hold, wanted] = AddCommand<HoldOptions>(
      admin, session, "hold",
      "Refuse erasures at the vault of a person, for a legal reason", Place);
  hold->add_option("holder", wanted->holder,
                   "what the vault calls her: her limpid person holds shows it")
      ->required();
  hold->add_option("--ground", wanted->ground)->required();
  hold->add_option("--reason", wanted->reason, "for the person to read")
      ->required();
  auto [lift, which] =
      AddCommand<LiftOptions>(admin, session, "lift-hold", "Lift a hold", Lift);
  lift->add_option("hold", which->hold)->required();
}

}  // namespace limpid::cli
