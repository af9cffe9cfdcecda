// The history of a registration against what its signed leaves say.

#include "clients/cpp/register_history.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/register_client.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "google/protobuf/message_lite.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/register_service.pb.h"
#include "tests/testing/registration_leaf.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;
using testing::AuthorKey;
using testing::IsOk;
using testing::LeafBehind;
using testing::SignedLeaf;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kLied = absl::StatusCode::kDataLoss;

// A register with one registration, that serves what a test puts into it.
class OneRegistration final : public Connection {
 public:
  struct Served {
    v1::VersionSummary summary;
    v1::RegistrationVersion version;
  };

  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (method.path.ends_with("/GetRegistrationHistory")) {
      v1::GetRegistrationHistoryResponse page;
      for (const Served& one : served) *page.add_versions() = one.summary;
      return Answer(page, response);
    }
    v1::GetRegistrationRequest asked;
    if (!asked.ParseFromString(request.SerializeAsString())) {
      return absl::InternalError("unreadable");
    }
    for (const Served& one : served) {
      if (one.summary.version() != asked.version()) continue;
      v1::GetRegistrationResponse got;
      *got.mutable_version() = one.version;
      return Answer(got, response);
    }
    return absl::NotFoundError("no such version");
  }
  absl::Status Stream(const Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) override {
    return absl::UnimplementedError("");
  }

  std::vector<Served> served;

 private:
  static absl::Status Answer(const google::protobuf::MessageLite& from,
                             google::protobuf::MessageLite& to) {
    return to.ParseFromString(from.SerializeAsString())
               ? absl::OkStatus()
               : absl::InternalError("unreadable");
  }
};

json::Value ContentOf(std::uint32_t version) {
  return *json::ParseStrict(
      R"({"kind":"system","aliases":[],"reason":"reason )" +
      std::to_string(version) +
      R"(","fields":{"title":{"state":"given","value":)"
      R"({"en":{"origin":"human","text":"Router"}}}}})");
}

// As an honest server tells of a leaf.
OneRegistration::Served Serve(
    const base::Bytes& entry,
    const std::vector<receipt::FieldDisclosure>& fields, std::size_t erased) {
  const auto leaf = receipt::VerifyRegistrationLeaf(entry).value();
  const json::Value content = receipt::AssembleContent(fields).value();
  OneRegistration::Served out;
  v1::RegistrationVersion& version = out.version;
  version.set_registration_id(base::FormatIdText("sys", leaf.registration));
  version.set_version(leaf.version);
  version.set_kind(v1::REGISTRATION_KIND_SYSTEM);
  version.set_state(static_cast<v1::RegistrationState>(leaf.state));
  version.set_author_role(v1::AUTHOR_ROLE_PUBLISHER);
  version.mutable_draft_time()->set_seconds(
      absl::ToUnixSeconds(leaf.draft_time));
  version.set_title("Router");
  version.set_content_json(json::Canonical(content));
  version.set_content_sha256(base::ToText(receipt::ContentHash(content)));
  for (const receipt::FieldDisclosure& field : fields) {
    v1::FieldDisclosure& wire = *version.add_disclosures();
    wire.set_pointer(field.pointer);
    wire.set_salt(base::ToText(field.salt));
    wire.set_value_json(json::Canonical(field.value));
  }
  version.set_leaf(base::ToText(entry));
  version.set_leaf_index(leaf.version + 4);
  version.set_erased_field_count(static_cast<std::int32_t>(erased));
  v1::VersionSummary& summary = out.summary;
  summary.set_version(leaf.version);
  summary.set_state(version.state());
  summary.set_author_role(version.author_role());
  *summary.mutable_draft_time() = version.draft_time();
  const json::Value* const reason = content.Find("reason");
  summary.set_reason(reason == nullptr ? "" : reason->string());
  summary.set_author_public_key(base::ToText(leaf.author.bytes));
  summary.set_leaf_index(version.leaf_index());
  summary.set_content_sha256(version.content_sha256());
  for (std::size_t i = 0; i < erased; ++i) summary.add_erasures();
  return out;
}

class HistoryOfOne : public ::testing::Test {
 protected:
  // Appends a version behind the newest and serves it.
  void Add(
      std::uint32_t number, std::uint8_t key_fill = 7,
      receipt::RegistrationState state = receipt::RegistrationState::kActive) {
    receipt::RegistrationLeaf leaf = LeafBehind(newest_, number);
    leaf.state = state;
    fields_ =
        receipt::DiscloseContent(ContentOf(number), crypto::SystemRandom());
    newest_ = SignedLeaf(leaf, fields_, AuthorKey(key_fill));
    server_.served.push_back(Serve(newest_, fields_, /*erased=*/0));
  }
  // The newest one, without its reason.
  void EraseReason() {
    std::erase_if(fields_, [](const receipt::FieldDisclosure& field) {
      return field.pointer == "/reason";
    });
    server_.served.back() = Serve(newest_, fields_, /*erased=*/1);
  }
  absl::Status Check() {
    seen_.clear();
    RegisterClient client(server_);
    return CheckHistory(client, id_, nullptr, [this](const HistoryEntry& one) {
      EXPECT_EQ(one.index, seen_.size());
      EXPECT_EQ(one.count, server_.served.size());
      seen_.push_back(one);
      return absl::OkStatus();
    });
  }

  OneRegistration server_;
  std::vector<HistoryEntry> seen_;
  base::Bytes newest_;
  std::vector<receipt::FieldDisclosure> fields_;
  const std::string id_ =
      base::FormatIdText("sys", LeafBehind({}, 1).registration);
};

TEST_F(HistoryOfOne, IsGivenWholeAndNamesChangesOfTheKey) {
  Add(1);
  Add(2);
  EraseReason();
  Add(3, /*key_fill=*/8);
  Add(4, /*key_fill=*/8, receipt::RegistrationState::kRetired);
  ASSERT_THAT(Check(), IsOk());
  ASSERT_EQ(seen_.size(), 4U);
  EXPECT_EQ(seen_[0].summary.reason(), "reason 1");
  EXPECT_EQ(seen_[1].summary.reason(), "");
  EXPECT_FALSE(seen_[0].author_key_changed);
  EXPECT_FALSE(seen_[1].author_key_changed);
  EXPECT_TRUE(seen_[2].author_key_changed);
  EXPECT_FALSE(seen_[3].author_key_changed);
}

TEST_F(HistoryOfOne, WithAForkAGapOrAnEndThatGoesOnIsRefused) {
  Add(1);
  const base::Bytes first = newest_;
  Add(2);
  Add(3);
  // Version 3 is behind another version 2.
  newest_ = first;
  OneRegistration::Served fork = std::move(server_.served[1]);
  server_.served.resize(1);
  Add(2);
  Add(3);
  std::swap(server_.served[1], fork);
  EXPECT_THAT(Check(), StatusSays(kLied, "does not follow"));
  server_.served.erase(server_.served.begin() + 1);
  EXPECT_THAT(Check(), StatusSays(kLied, "version 2 belongs"));
  server_.served.erase(server_.served.begin());
  EXPECT_THAT(Check(), StatusSays(kLied, "version 1 belongs"));
  server_.served.clear();
  newest_.clear();
  Add(1);
  Add(2, 7, receipt::RegistrationState::kRetired);
  ASSERT_THAT(Check(), IsOk());
  Add(3);
  EXPECT_THAT(Check(), StatusSays(kLied, "retired"));
}

TEST_F(HistoryOfOne, ThatSaysWhatNoLeafSaysIsRefused) {
  Add(1);
  const OneRegistration::Served honest = server_.served.front();
  const auto check_with = [&](auto change) {
    server_.served.front() = honest;
    change(server_.served.front());
    return Check();
  };
  using Served = OneRegistration::Served;
  EXPECT_THAT(check_with([](Served& one) { one.summary.set_reason("no"); }),
              StatusIs(kLied));
  EXPECT_THAT(check_with([](Served& one) { one.summary.set_leaf_index(9); }),
              StatusIs(kLied));
  EXPECT_THAT(check_with([](Served& one) {
                one.summary.set_author_public_key(std::string(32, 'k'));
              }),
              StatusIs(kLied));
  EXPECT_THAT(check_with([](Served& one) {
                one.summary.mutable_draft_time()->set_seconds(1);
              }),
              StatusIs(kLied));
  EXPECT_THAT(check_with([](Served& one) {
                one.summary.set_state(v1::REGISTRATION_STATE_RETIRED);
              }),
              StatusIs(kLied));
  EXPECT_THAT(check_with([](Served& one) { one.version.set_title("Other"); }),
              StatusIs(kLied));
  EXPECT_THAT(check_with([](Served& one) { one.version.set_version(2); }),
              StatusIs(kLied));
  // Erased between the two answers: read again.
  EXPECT_THAT(check_with([](Served& one) { one.summary.add_erasures(); }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(check_with([](Served& /*one*/) {}), IsOk());
}

TEST_F(HistoryOfOne, EndsWithWhatItsReaderAnswers) {
  Add(1);
  RegisterClient client(server_);
  EXPECT_THAT(CheckHistory(client, id_, nullptr,
                           [](const HistoryEntry& /*one*/) {
                             return absl::CancelledError("enough");
                           }),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace limpid::client
