// What a vault and its key agent say to each other, and what is none of it.

#include "vault/keyagent/agent_frame.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/agent_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

class AgentFrameTest : public ::testing::Test {
 protected:
  testing::FakeClock clock_;
  AgentWorld world_{clock_};
  const HolderId anna_ = HolderId::Random();
  const base::Bytes first_ = base::ToBytes(std::string_view("first"));
  const base::Bytes second_ = base::ToBytes(std::string_view("second"));
  const std::vector<base::ByteView> boxes_ = {first_, second_};
};

// Every shorter and every longer body is refused.
void ExpectExact(const base::Bytes& body) {
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_THAT(DecodeAgentRequest(base::ByteView(body).first(size)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  base::Bytes longer = body;
  longer.push_back(0);
  EXPECT_THAT(DecodeAgentRequest(longer),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(AgentFrameTest, ARequestUnderAPermitComesBack) {
  const SignedPermit permit = world_.PermitFor(anna_, {kBirth});
  const base::Bytes body = EncodeAgentRequest(&permit, boxes_);
  const auto request = DecodeAgentRequest(body);
  ASSERT_THAT(request, IsOk());
  const DekAuthority authority = request->authority();
  ASSERT_TRUE(std::holds_alternative<const SignedPermit*>(authority));
  const auto& came = *std::get<const SignedPermit*>(authority);
  EXPECT_EQ(came.item, permit.item);
  EXPECT_EQ(came.proof.Encode(), permit.proof.Encode());
  ASSERT_EQ(request->boxes.size(), 2);
  EXPECT_EQ(base::ToBytes(request->boxes.front()), first_);
  EXPECT_EQ(base::ToBytes(request->boxes.back()), second_);
  ExpectExact(body);
}

TEST_F(AgentFrameTest, ARequestOfAPersonComesBack) {
  const PersonProof proof = world_.ProofOf(anna_);
  const base::Bytes body = EncodeAgentRequest(&proof, boxes_);
  const auto request = DecodeAgentRequest(body);
  ASSERT_THAT(request, IsOk());
  const DekAuthority authority = request->authority();
  ASSERT_TRUE(std::holds_alternative<const PersonProof*>(authority));
  const auto& came = *std::get<const PersonProof*>(authority);
  EXPECT_EQ(came.source_token, proof.source_token);
  EXPECT_EQ(came.proof, proof.proof);
  EXPECT_EQ(came.method, proof.method);
  ExpectExact(body);
}

TEST_F(AgentFrameTest, ARequestOnNobodysWordSaysSo) {
  const base::Bytes body = EncodeAgentRequest({}, boxes_);
  const auto request = DecodeAgentRequest(body);
  ASSERT_THAT(request, IsOk());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(request->authority()));
  ExpectExact(body);
}

TEST_F(AgentFrameTest, ARequestHasOneTo64Boxes) {
  std::vector<base::ByteView> boxes;
  EXPECT_THAT(DecodeAgentRequest(EncodeAgentRequest({}, boxes)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  boxes.assign(kMaxBoxes, first_);
  EXPECT_THAT(DecodeAgentRequest(EncodeAgentRequest({}, boxes)), IsOk());
  boxes.emplace_back(first_);
  EXPECT_THAT(DecodeAgentRequest(EncodeAgentRequest({}, boxes)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(AgentFrameTest, AnotherAuthorityIsNone) {
  base::Bytes body = EncodeAgentRequest({}, boxes_);
  // Behind the label and its length.
  body[std::string_view("limpid/key-agent/request/1").size() + 1] = 3;
  EXPECT_THAT(DecodeAgentRequest(body),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(AgentFrameTest, KeysComeBack) {
  std::vector<base::SecretBytes> keys;
  keys.push_back(CountingKey(1));
  keys.push_back(CountingKey(2));
  const base::Bytes body = EncodeAgentAnswer(std::move(keys));
  const auto opened = DecodeAgentAnswer(body, 2);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->front(), CountingKey(1));
  EXPECT_EQ(opened->back(), CountingKey(2));
  // For another question.
  EXPECT_THAT(DecodeAgentAnswer(body, 1),
              StatusIs(absl::StatusCode::kDataLoss));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_THAT(DecodeAgentAnswer(base::ByteView(body).first(size), 2),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(AgentFrameTest, RefusalsComeBackAndNothingElse) {
  using Code = absl::StatusCode;
  for (const Code code : {Code::kPermissionDenied, Code::kResourceExhausted,
                          Code::kInvalidArgument}) {
    EXPECT_THAT(
        DecodeAgentAnswer(EncodeAgentAnswer(absl::Status(code, "why")), 1),
        StatusIs(code));
  }
  const base::Bytes fault =
      EncodeAgentAnswer(absl::InternalError("what happened inside"));
  EXPECT_THAT(DecodeAgentAnswer(fault, 1), StatusIs(Code::kUnavailable));
  EXPECT_EQ(base::ToText(fault).find("inside"), std::string::npos);
  base::Bytes unknown = fault;
  unknown.back() = 9;
  EXPECT_THAT(DecodeAgentAnswer(unknown, 1), StatusIs(Code::kDataLoss));
}

TEST_F(AgentFrameTest, AHelloIsTheAgentsKey) {
  const auto key = crypto::X25519PrivateKey::Generate().PublicKey();
  base::Bytes body = EncodeAgentHello(key);
  EXPECT_EQ(*DecodeAgentHello(body), key);
  body.push_back(0);
  EXPECT_THAT(DecodeAgentHello(body), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::vault
