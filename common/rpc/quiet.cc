#include "common/rpc/quiet.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

namespace limpid::rpc {

void SilenceLibraries() {
  gpr_set_log_function([](gpr_log_func_args* /*said*/) {});
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace limpid::rpc
