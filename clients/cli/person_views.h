// How consents, accesses and receipts look to a person.

#ifndef LIMPID_CLIENTS_CLI_PERSON_VIEWS_H_
#define LIMPID_CLIENTS_CLI_PERSON_VIEWS_H_

#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/report.h"
#include "clients/cpp/person_client.h"
#include "clients/cpp/system_use.h"

namespace limpid::cli {

// What is asked, by whom, for what, in which form.
void ShowRequest(const consent::v1::Record& record,
                 const consent::v1::Agreement& agreement, Terminal& terminal);
void ShowRecords(const std::vector<consent::v1::Record>& records,
                 Terminal& terminal);
void ShowRevisions(const consent::v1::GetRecordResponse& record,
                   Terminal& terminal);
void ShowAccesses(const std::vector<consent::v1::AccessEntry>& entries,
                  Terminal& terminal);
// Shortens `entries` to `limit`. Returns the sentence that says so, empty when
// there are no more.
std::string CutTo(std::size_t limit,
                  std::vector<consent::v1::AccessEntry>& entries);
void ShowExplanation(const consent::v1::ExplainDecisionResponse& explained,
                     Terminal& terminal);
Report ReceiptReport(const client::CheckedReceipt& receipt,
                     std::string_view sentence);
Report SystemsReport(const std::vector<client::SystemUse>& uses);

// "in full", "only as over_n {\"n\":18}", ...
std::string FormText(const consent::v1::AgreementLine& line);
std::string StateName(consent::v1::RecordState state);
std::string ReasonText(consent::v1::Reason reason);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_PERSON_VIEWS_H_
