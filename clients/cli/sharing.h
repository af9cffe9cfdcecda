// Copies of sealed values for services, as commands that change a grant or a
// value bring them up to date. What cannot be copied never fails the command:
// it is told.

#ifndef LIMPID_CLIENTS_CLI_SHARING_H_
#define LIMPID_CLIENTS_CLI_SHARING_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/report.h"
#include "clients/cli/session.h"
#include "clients/cpp/copy_client.h"

namespace limpid::cli {

using CopiedLines = absl::StatusOr<std::vector<client::CopiedLine>>;

// Makes the copies that the grant asks for, which was kept for later puts. None
// where no vault is pinned, or this device never sealed anything.
CopiedLines AfterGrant(const std::string& record, Session& session);
// Destroys the copies of the record, whichever device made them. Nothing where
// no vault is pinned.
CopiedLines AfterWithdrawal(const std::string& record, Session& session);
// Makes the copies of the new version for every grant that names it.
CopiedLines AfterSealing(const std::string& attribute, Session& session);

// `report`, with what became of the copies after it.
Report WithCopies(Report report, const CopiedLines& copies);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_SHARING_H_
