// Withdraws many consents in a row, and tells those that could not be.

#ifndef LIMPID_CLIENTS_CLI_WITHDRAW_ALL_H_
#define LIMPID_CLIENTS_CLI_WITHDRAW_ALL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/person_client.h"
#include "limpid/consent/v1/record.pb.h"

namespace limpid::cli {

// A permission that she cannot withdraw.
struct Staying {
  std::string record;
  std::string organisation;
  std::string why;
};

struct Withdrawn {
  int count = 0;
  std::vector<Staying> staying;
};

// Goes past what the server says she cannot withdraw, which it adds to
// `out.staying`, and counts what is withdrawn: with a receipt that verified, or
// without one because the operator has none (client::IsWithoutReceipt).
//
// Errors: those of PersonClient::Withdraw but kFailedPrecondition; `out` says
// how far it came.
absl::Status WithdrawAll(const std::vector<consent::v1::Record>& consents,
                         client::PersonClient& consent, Withdrawn& out);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_WITHDRAW_ALL_H_
