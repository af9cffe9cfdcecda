// A call of a person about one of her records: who she is and which record,
// before anything else. Refuses to know what is done to it.

#ifndef LIMPID_CONSENT_RPC_ON_RECORD_H_
#define LIMPID_CONSENT_RPC_ON_RECORD_H_

#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/unary.h"
#include "common/rpc/validate.h"
#include "consent/ids.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {

// Runs `act`, (const PersonId&, const RecordId&) -> absl::Status, for the
// calling person and the request's record_id. Whose record it is, `act` asks.
// `method` as rpc::Unary's.
template <typename Request, typename Act>
grpc::ServerUnaryReactor* OnRecord(const rpc::Edge& edge,
                                   grpc::CallbackServerContext* context,
                                   const Request* request, Act act,
                                   const char* method = __builtin_FUNCTION()) {
  return rpc::Unary(
      edge, context,
      [request,
       act = std::move(act)](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const RecordId record,
            rpc::ParseId<RecordId>("record_id", request->record_id()));
        return act(person, record);
      },
      method);
}

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_ON_RECORD_H_
