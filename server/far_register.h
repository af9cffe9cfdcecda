// What consent's configuration says about a register in another process.

#ifndef LIMPID_SERVER_FAR_REGISTER_H_
#define LIMPID_SERVER_FAR_REGISTER_H_

#include "absl/status/statusor.h"
#include "common/rpc/client.h"
#include "server/config.h"

namespace limpid::server {

// The way to it, with consent's client certificate. Reads the files that the
// configuration names.
//
// Errors: those of base::ReadFileBytes and CheckKeptFromOthers.
absl::StatusOr<rpc::ChannelOptions> ReadFarRegister(const Config& config);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_FAR_REGISTER_H_
