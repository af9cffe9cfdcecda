#include "clients/cpp/service_key_client.h"

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "clients/cpp/connection.h"
#include "common/base/id.h"
#include "common/crypto/ed25519.h"
#include "common/tlog/note.h"
#include "google/protobuf/message_lite.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/key_directory_service.pb.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;
using testing::StatusIs;

// Every page has nothing and promises another; gives up when somebody believes
// it.
class EmptyPages final : public Connection {
 public:
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& response) override {
    constexpr int kEnough = 10;
    if (++calls == kEnough) return absl::InternalError("asked for ever");
    v1::ListServiceKeysResponse page;
    page.set_next_page_token("more");
    return response.ParseFromString(page.SerializeAsString())
               ? absl::OkStatus()
               : absl::InternalError("unreadable");
  }
  absl::Status Stream(const Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) override {
    return absl::UnimplementedError("");
  }
  int calls = 0;
};

TEST(ServiceKeyClient, APageWithoutEntriesIsTheEnd) {
  EmptyPages server;
  const auto key = crypto::Ed25519PrivateKey::Generate().PublicKey();
  const auto policy = tlog::Policy::ForLog(
      tlog::NoteVerifier::Create("op.example/register",
                                 tlog::NoteAlgorithm::kEd25519, key)
          ->Vkey());
  ASSERT_TRUE(policy.ok());
  ServiceKeyClient client(server, key, *policy);
  EXPECT_THAT(client.Read(base::FormatIdText("svc", base::RandomIdBytes())),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(server.calls, 1);
}

}  // namespace
}  // namespace limpid::client
