#include "clients/cli/policies.h"

#include "clients/cli/failure.h"
#include "clients/cli/session.h"
#include "common/base/status_macros.h"

namespace limpid::cli {

absl::StatusOr<tlog::Policy> PolicyOfVkey(const std::string& vkey) {
  auto policy = tlog::Policy::ForLog(vkey);
  if (policy.ok()) return policy;
  return WithNext(WrongUsage(policy.status()),
                  "give the whole verifier key, NAME+HASH+KEY, in quotes");
}

absl::StatusOr<tlog::Policy> PolicyOfFile(const std::string& file) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(file));
  auto policy = tlog::Policy::Parse(text);
  if (policy.ok()) return policy;
  return WithNext(StateBroken(policy.status()),
                  "give a file in the form of C2SP tlog-policy");
}

}  // namespace limpid::cli
