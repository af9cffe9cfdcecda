// What a device believes of the operator's word that an account is erased.

#include "clients/cpp/account_erasure_client.h"

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/json/json.h"
#include "common/receipt/account_erasure.h"
#include "common/receipt/batch.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/account_service.pb.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

struct PersonTag {
  static constexpr std::string_view kPrefix = "per";
};
using PersonId = base::Id<PersonTag>;

crypto::Ed25519PrivateKey KeyOf(std::uint8_t byte) {
  base::ByteArray<32> seed{};
  seed.fill(byte);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

// Answers with its own word about what was asked, unless told otherwise.
class FakeOperator final : public UnaryConnection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    EXPECT_FALSE(method.idempotent);
    v1::EraseAccountRequest asked;
    EXPECT_TRUE(asked.ParseFromString(request.SerializeAsString()));
    const auto terms =
        receipt::AccountErasureRequest::Parse(asked.canonical_json());
    EXPECT_THAT(terms, IsOk());
    person = PersonId::Parse(terms->person)->bytes();
    statement = asked.canonical_json();
    if (change) change();
    const std::vector<base::Bytes> items = {
        receipt::AccountErasedItem(person, time, statement)};
    const auto proofs = receipt::SignBatch(kind, 1, time, items, key);
    v1::EraseAccountResponse answer;
    answer.mutable_erase_time()->set_seconds(absl::ToUnixSeconds(shown));
    answer.set_proof(base::ToText(proofs[0].Encode()));
    answer.set_finished(true);
    return response.ParseFromString(answer.SerializeAsString())
               ? absl::OkStatus()
               : absl::InternalError("no answer");
  }
  crypto::Ed25519PrivateKey key = KeyOf(1);
  receipt::BatchKind kind = receipt::BatchKind::kReceipts;
  absl::Time time = absl::FromUnixSeconds(1'767'225'600);
  absl::Time shown = absl::FromUnixSeconds(1'767'225'600);
  base::ByteArray<16> person{};
  std::string statement;
  // Before it signs.
  std::function<void()> change;
};

class AccountErasureClientTest : public ::testing::Test {
 protected:
  AccountErasureClientTest() {
    trust_.operator_name = "op.example";
    trust_.evidence_key = KeyOf(1).PublicKey();
    person_.fill(2);
  }
  absl::StatusOr<AccountErasure> Erase(bool give_up_duties = false) {
    return AccountErasureClient(operator_, key_, trust_, clock_)
        .Erase(PersonId(person_).Text(), give_up_duties);
  }

  FakeOperator operator_;
  Trust trust_;
  testing::FakeClock clock_;
  PersonKey key_ = PersonKey::Generate();
  base::ByteArray<16> person_{};
};

TEST_F(AccountErasureClientTest, BelievesTheWordAboutItsOwnStatement) {
  const auto erased = Erase(/*give_up_duties=*/true);
  ASSERT_THAT(erased, IsOk());
  EXPECT_TRUE(erased->finished);
  EXPECT_EQ(erased->time, operator_.time);
  const auto terms = receipt::AccountErasureRequest::Parse(erased->statement);
  ASSERT_THAT(terms, IsOk());
  EXPECT_TRUE(terms->give_up_duties);
  EXPECT_EQ(terms->operator_name, "op.example");
  EXPECT_TRUE(receipt::AccountErasureIsSigned(
      {erased->statement, erased->signature}, key_.key().PublicKey()));
  const auto file = json::ParseStrict(erased->File(trust_.evidence_key));
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->GetString("format").value(), "limpid-account-erasure/1");
  EXPECT_EQ(file->GetString("statement").value(), erased->statement);
}

TEST_F(AccountErasureClientTest, BelievesNoWordAboutAnythingElse) {
  const auto refused = StatusIs(absl::StatusCode::kDataLoss);
  operator_.change = [&] { operator_.person.fill(3); };
  EXPECT_THAT(Erase(), refused);
  operator_.change = [&] { operator_.statement += " "; };
  EXPECT_THAT(Erase(), refused);
  operator_.change = nullptr;
  operator_.shown += absl::Seconds(1);
  EXPECT_THAT(Erase(), refused);
  operator_.shown = operator_.time;
  operator_.kind = receipt::BatchKind::kPermits;
  EXPECT_THAT(Erase(), refused);
  operator_.kind = receipt::BatchKind::kReceipts;
  operator_.key = KeyOf(9);
  EXPECT_THAT(Erase(), refused);
  operator_.key = KeyOf(1);
  EXPECT_THAT(Erase(), IsOk());
}

}  // namespace
}  // namespace limpid::client
