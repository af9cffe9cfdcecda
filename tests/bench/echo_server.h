// The bare echo that benchmarks compare with: same listener, credentials and
// edge as a service's calls, and nothing done.

#ifndef LIMPID_TESTS_BENCH_ECHO_SERVER_H_
#define LIMPID_TESTS_BENCH_ECHO_SERVER_H_

#include <memory>

#include "limpid/vault/v1/vault_service.pb.h"
#include "server/app.h"

namespace limpid::bench {

using EchoAnswer = std::shared_ptr<vault::v1::ReadAttributesResponse>;

// For server::App. `answer` is what every echo returns; it may be filled until
// the first call.
server::ExtraServices WithEcho(EchoAnswer answer);

}  // namespace limpid::bench

#endif  // LIMPID_TESTS_BENCH_ECHO_SERVER_H_
