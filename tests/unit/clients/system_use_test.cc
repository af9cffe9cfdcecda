#include "clients/cpp/system_use.h"

#include <string>
#include <vector>

#include "common/crypto/ed25519.h"
#include "common/tlog/note.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

// A register that knows no system, or whose every answer is `status`.
class FakeRegister final : public Connection {
 public:
  explicit FakeRegister(absl::Status status) : status_(std::move(status)) {}
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& /*response*/) override {
    ++call_count;
    return status_;
  }
  absl::Status Stream(const Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) override {
    return status_;
  }
  int call_count = 0;

 private:
  const absl::Status status_;
};

v1::AccessEntry Entry(const std::string& id, const std::string& system,
                      const std::string& attribute, bool allowed,
                      std::int64_t seconds) {
  v1::AccessEntry entry;
  entry.set_access_id(id);
  entry.set_organisation("City");
  entry.mutable_time()->set_seconds(seconds);
  auto* const decision = entry.add_decisions();
  decision->set_attribute(attribute);
  decision->set_allowed(allowed);
  if (!system.empty()) {
    entry.mutable_training()->set_system_id(system);
    entry.mutable_training()->set_snapshot_id("snp_1");
  }
  return entry;
}

tlog::Policy AnyPolicy() {
  const auto key = crypto::Ed25519PrivateKey::Generate();
  return tlog::Policy::ForLog(
             tlog::NoteVerifier::Create("op.example/register",
                                        tlog::NoteAlgorithm::kEd25519,
                                        key.PublicKey())
                 ->Vkey())
      .value();
}

TEST(JoinSystemUse, CountsOnlyReleasesForTraining) {
  FakeRegister algorithms(absl::NotFoundError("no such system"));
  RegisterClient client(algorithms);
  const auto uses = JoinSystemUse({Entry("acc_1", "sys_a", "x", true, 10),
                                   Entry("acc_2", "sys_a", "y", true, 20),
                                   Entry("acc_3", "sys_b", "x", false, 30),
                                   Entry("acc_4", "", "x", true, 40)},
                                  client, AnyPolicy());
  ASSERT_THAT(uses, IsOk());
  ASSERT_EQ(uses->size(), 1U);
  const SystemUse& use = uses->front();
  EXPECT_EQ(use.system_id, "sys_a");
  EXPECT_EQ(use.attributes, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(use.access_ids, (std::vector<std::string>{"acc_1", "acc_2"}));
  EXPECT_EQ(use.first, absl::FromUnixSeconds(10));
  EXPECT_EQ(use.last, absl::FromUnixSeconds(20));
  // Named all the same when the register does not have it.
  EXPECT_FALSE(use.system.has_value());
  EXPECT_EQ(algorithms.call_count, 1);
}

TEST(JoinSystemUse, GivesNoAnswerWhenTheRegisterGivesNone) {
  FakeRegister algorithms(absl::UnavailableError("down"));
  RegisterClient client(algorithms);
  EXPECT_THAT(JoinSystemUse({Entry("acc_1", "sys_a", "x", true, 10)}, client,
                            AnyPolicy()),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace limpid::client
