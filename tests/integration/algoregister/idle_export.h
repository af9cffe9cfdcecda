// Exports of the register that somebody begins and does not go on reading.

#ifndef LIMPID_TESTS_INTEGRATION_ALGOREGISTER_IDLE_EXPORT_H_
#define LIMPID_TESTS_INTEGRATION_ALGOREGISTER_IDLE_EXPORT_H_

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/register_service.grpc.pb.h"

namespace limpid::algoregister {

// Takes no more than it reads and the least that may be on the way: on loopback
// a window grows until a whole export fits.
inline v1::RegisterService::Stub NarrowReader(int port,
                                              const std::string& ca_pem) {
  constexpr int kWindowBytes = 16 * 1024;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  grpc::SslCredentialsOptions trusted;
  trusted.pem_root_certs = ca_pem;
  return {grpc::CreateCustomChannel("localhost:" + std::to_string(port),
                                    grpc::SslCredentials(trusted), arguments)};
}

// One export of the whole list, of which only the first part is read.
struct IdleExport {
  explicit IdleExport(v1::RegisterService::Stub& reader) {
    v1::ExportRegistrationsRequest request;
    request.set_profile("nl-list");
    parts = reader.ExportRegistrations(&context, request);
    v1::ExportRegistrationsResponse part;
    begun = parts->Read(&part);
  }
  IdleExport(const IdleExport&) = delete;
  IdleExport& operator=(const IdleExport&) = delete;
  ~IdleExport() {
    context.TryCancel();
    (void)parts->Finish();
  }
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::ExportRegistrationsResponse>> parts;
  bool begun = false;
};

// One address holds two; ending one makes room.
inline void ExpectAShareOfExports(v1::RegisterService::Stub& reader) {
  auto first = std::make_unique<IdleExport>(reader);
  const IdleExport second(reader);
  EXPECT_TRUE(first->begun && second.begun && !IdleExport(reader).begun);
  first.reset();
  bool begun = false;
  for (int i = 0; i < 100 && !begun; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    begun = IdleExport(reader).begun;
  }
  EXPECT_TRUE(begun);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_INTEGRATION_ALGOREGISTER_IDLE_EXPORT_H_
