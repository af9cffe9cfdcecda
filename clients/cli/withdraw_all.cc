#include "clients/cli/withdraw_all.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/failure.h"
#include "common/base/text.h"

namespace limpid::cli {

namespace v1 = limpid::consent::v1;

absl::Status WithdrawAll(const std::vector<v1::Record>& consents,
                         client::PersonClient& consent, Withdrawn& out) {
  for (const v1::Record& record : consents) {
    const absl::Status withdrawn =
        consent.Withdraw(record.record_id()).status();
    if (withdrawn.ok() || client::IsWithoutReceipt(withdrawn)) {
      ++out.count;
      continue;
    }
    if (!absl::IsFailedPrecondition(withdrawn)) {
      return WithNext(withdrawn,
                      absl::StrCat("Nothing was erased; ", out.count,
                                   " consent(s) were withdrawn. Run the "
                                   "command again."));
    }
    out.staying.push_back({record.record_id(), record.service().organisation(),
                           std::string(base::ToStd(withdrawn.message()))});
  }
  return absl::OkStatus();
}

}  // namespace limpid::cli
