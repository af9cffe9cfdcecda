// The command groups. Each adds itself to the command line and runs through the
// session; each is one translation unit, because CLI11 is a heavy header.

#ifndef LIMPID_CLIENTS_CLI_COMMANDS_H_
#define LIMPID_CLIENTS_CLI_COMMANDS_H_

#include "clients/cli/session.h"

namespace CLI {
class App;
}

namespace limpid::cli {

// `app` and `session` must outlive the parsing; commands run while it parses.
void AddPersonCommands(CLI::App& app, Session& session);
void AddVaultCommands(CLI::App& person, Session& session);
void AddDeviceCommands(CLI::App& person, Session& session);
void AddGuardianCommands(CLI::App& person, Session& session);
void AddShareCommand(CLI::App& person, Session& session);
void AddVaultErasureCommands(CLI::App& person, Session& session);
void AddEraseEverythingCommand(CLI::App& person, Session& session);
void AddHoldCommands(CLI::App& admin, Session& session);
void AddKeyEpochCommands(CLI::App& admin, Session& session);
void AddResealCommand(CLI::App& admin, Session& session);
void AddLogCommands(CLI::App& person, Session& session);
void AddEmbargoCommands(CLI::App& person, Session& session);
void AddAccountErasureCommand(CLI::App& person, Session& session);
void AddErasureCommands(CLI::App& person, Session& session);
void AddMoveCommands(CLI::App& person, Session& session);
void AddPortabilityCommands(CLI::App& person, Session& session);
void AddSourceCommands(CLI::App& person, Session& session);
void AddNoticeCommands(CLI::App& person, Session& session);
void AddTrainingCommands(CLI::App& person, Session& session);
void AddDecisionNoticeCommands(CLI::App& person, Session& session);
void AddSendDecisionNoticeCommand(CLI::App& service, Session& session);
void AddRecordActCommands(CLI::App& person, Session& session);
void AddDelegationCommands(CLI::App& person, Session& session);
void AddAdminDelegationCommands(CLI::App& group, Session& session);
void AddStandingCommands(CLI::App& person, Session& session);
void AddServiceCommands(CLI::App& app, Session& session);
void AddServiceReceiptCommand(CLI::App& service, Session& session);
void AddAggregateCommand(CLI::App& service, Session& session);
void AddServiceKeyCommands(CLI::App& service, Session& session);
void AddAdminServiceKeyCommands(CLI::App& admin, Session& session);
void AddRegisterCommands(CLI::App& app, Session& session);
void AddRegisterHistoryCommand(CLI::App& group, Session& session);
void AddRegisterSearchCommands(CLI::App& group, Session& session);
void AddConsentFactsCommand(CLI::App& group, Session& session);
void AddCheckLinksCommand(CLI::App& group, Session& session);
void AddPublisherCommands(CLI::App& group, Session& session);
void AddImportCommands(CLI::App& group, Session& session);
void AddInsightCommands(CLI::App& group, Session& session);
void AddEraseFieldCommand(CLI::App& admin, Session& session);
void AddEraseEvidenceCommand(CLI::App& admin, Session& session);
void AddRestrictedCommand(CLI::App& group, Session& session);
void AddReaderCommands(CLI::App& admin, Session& session);
void AddEvidenceCommands(CLI::App& group, Session& session);
void AddAiaCommand(CLI::App& group, Session& session);
void AddFeedbackCommands(CLI::App& group, Session& session);
void AddMim5Commands(CLI::App& app, Session& session);
void AddReceiptCommands(CLI::App& app, Session& session);
void AddAnswerCommands(CLI::App& app, Session& session);
void AddRenderCommand(CLI::App& group, Session& session);
void AddAuditCommand(CLI::App& app, Session& session);
void AddAuditAccessesCommand(CLI::App& app, Session& session);
// Of `limpid admin`.
void AddSetUpCommands(CLI::App& group, Session& session);
void AddRootKeyCommand(CLI::App& group, Session& session);
void AddUnsealCommands(CLI::App& group, Session& session);
void AddConfirmClockCommand(CLI::App& group, Session& session);
void AddAdminCommands(CLI::App& app, Session& session);
void AddCatalogueCommands(CLI::App& group, Session& session);
void AddReconsentCommands(CLI::App& person, Session& session);
void AddCampaignCommands(CLI::App& service, Session& session);
void AddGovernanceCommands(CLI::App& group, Session& session);
void AddServiceDutyCommands(CLI::App& group, Session& session);
void AddPersonDutyCommands(CLI::App& group, Session& session);
void AddAdminDutyCommands(CLI::App& group, Session& session);
void AddServicePushCommands(CLI::App& service, Session& session);
void AddPersonDeliveryCommands(CLI::App& person, Session& session);
void AddAdminPushCommands(CLI::App& admin, Session& session);
void AddUpCommand(CLI::App& app, Session& session);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_COMMANDS_H_
