// A version of the register against its signed leaf.

#include "clients/cpp/disclosures.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/register_client.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/tlog/note.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/register_service.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;
using testing::IsOk;
using testing::StatusIs;

const auto kLied = StatusIs(absl::StatusCode::kDataLoss);

json::Value Content(const std::string& title) {
  return *json::ParseStrict(
      R"({"kind":"system","aliases":[],"reason":"first","fields":{"title":)"
      R"({"state":"given","value":{"en":{"origin":"human","text":")" +
      title + R"("},"nl":{"origin":"human","text":"Kaartjes"}}}}})");
}

// As a server fills it. The first `erased` fields are not disclosed.
v1::RegistrationVersion VersionOf(const json::Value& whole,
                                  const std::string& title,
                                  std::size_t erased) {
  const auto key = crypto::Ed25519PrivateKey::Generate();
  auto fields = receipt::DiscloseContent(whole, crypto::SystemRandom());
  receipt::RegistrationLeaf leaf;
  leaf.registration.fill(1);
  leaf.kind = receipt::RegistrationKind::kSystem;
  leaf.version = 1;
  leaf.draft_time = absl::FromUnixMillis(1'767'225'600'123);
  leaf.author = key.PublicKey();
  leaf.digests = receipt::FieldDigests(fields);
  base::Bytes entry = receipt::RegistrationLeafBody(leaf);
  const auto signature =
      receipt::SignRegistrationLeaf(entry, fields, key).value();
  entry.insert(entry.end(), signature.begin(), signature.end());
  fields.erase(fields.begin(),
               fields.begin() + static_cast<std::ptrdiff_t>(erased));
  const auto restricted = std::erase_if(fields, receipt::IsRestricted);
  const json::Value content = receipt::AssembleContent(fields).value();

  v1::RegistrationVersion out;
  out.set_registration_id(base::FormatIdText("sys", leaf.registration));
  out.set_version(1);
  out.set_kind(v1::REGISTRATION_KIND_SYSTEM);
  out.set_state(v1::REGISTRATION_STATE_ACTIVE);
  out.set_author_role(v1::AUTHOR_ROLE_PUBLISHER);
  out.mutable_draft_time()->set_seconds(1'767'225'600);
  out.mutable_draft_time()->set_nanos(123'000'000);
  out.set_title(title);
  out.set_content_json(json::Canonical(content));
  out.set_content_sha256(base::ToText(receipt::ContentHash(content)));
  for (const receipt::FieldDisclosure& field : fields) {
    v1::FieldDisclosure& wire = *out.add_disclosures();
    wire.set_pointer(field.pointer);
    wire.set_salt(base::ToText(field.salt));
    wire.set_value_json(json::Canonical(field.value));
  }
  out.set_leaf(base::ToText(entry));
  out.set_erased_field_count(static_cast<std::int32_t>(erased));
  out.set_restricted_field_count(static_cast<std::int32_t>(restricted));
  return out;
}

v1::RegistrationVersion Version(const std::string& title,
                                std::size_t erased = 0) {
  return VersionOf(Content(title), title, erased);
}

// With a part for some readers alone.
v1::RegistrationVersion Restricted() {
  json::Value whole = Content("Tickets");
  json::Value fields = *whole.Find("fields");
  fields.Set("methods",
             *json::ParseStrict(
                 R"({"audience":["auditor"],"authority":"the executive",)"
                 R"("ground":"security","review":"2027","state":"withheld"})"));
  whole.Set("fields", std::move(fields));
  whole.Set(
      "restricted",
      *json::ParseStrict(R"({"methods":{"state":"given","value":"secret"}})"));
  return VersionOf(whole, "Tickets", 0);
}

TEST(CheckVersion, TakesWhatTheLeafSays) {
  EXPECT_THAT(CheckVersion(Version("Tickets")), IsOk());
  // In another of its languages.
  v1::RegistrationVersion dutch = Version("Tickets");
  dutch.set_title("Kaartjes");
  EXPECT_THAT(CheckVersion(dutch), IsOk());
  // "/aliases" comes first.
  EXPECT_THAT(CheckVersion(Version("Tickets", 1)), IsOk());
}

TEST(CheckVersion, TakesATitleCutForLists) {
  const std::string text(300, 't');
  v1::RegistrationVersion version = Version(text);
  version.set_title(text.substr(0, 200));
  EXPECT_THAT(CheckVersion(version), IsOk());
  version.set_title(text.substr(0, 196));
  EXPECT_THAT(CheckVersion(version), kLied);
  version.set_title(text.substr(0, 199) + "x");
  EXPECT_THAT(CheckVersion(version), kLied);
}

TEST(CheckVersion, RefusesWhatTheLeafDoesNotSay) {
  const std::vector<std::function<void(v1::RegistrationVersion&)>> changes = {
      [](auto& v) { v.set_registration_id("sys_other"); },
      [](auto& v) { v.set_version(2); },
      [](auto& v) { v.set_kind(v1::REGISTRATION_KIND_MODEL); },
      [](auto& v) { v.set_state(v1::REGISTRATION_STATE_RETIRED); },
      [](auto& v) { v.set_author_role(v1::AUTHOR_ROLE_IMPORTER); },
      [](auto& v) { v.mutable_draft_time()->set_nanos(124'000'000); },
      [](auto& v) { v.set_title("Prizes"); },
      [](auto& v) { v.set_title(""); },
      [](auto& v) { v.set_content_sha256(std::string(32, 'x')); },
      [](auto& v) { v.set_erased_field_count(1); },
      [](auto& v) { v.set_restricted_field_count(1); },
      [](auto& v) { v.set_content_json("{}"); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    v1::RegistrationVersion version = Version("Tickets");
    changes[i](version);
    EXPECT_THAT(CheckVersion(version), kLied) << "change " << i;
  }
}

TEST(CheckVersion, TakesPartsForSomeReadersAlone) {
  const v1::RegistrationVersion version = Restricted();
  EXPECT_EQ(version.restricted_field_count(), 1);
  EXPECT_THAT(CheckVersion(version), IsOk());
  v1::RegistrationVersion changed = version;
  changed.set_restricted_field_count(0);
  EXPECT_THAT(CheckVersion(changed), kLied);
  changed.set_restricted_field_count(2);
  changed.set_erased_field_count(-1);
  EXPECT_THAT(CheckVersion(changed), kLied);
}

// What was erased is not called restricted.
TEST(CheckVersion, KnowsAnErasureFromARestriction) {
  v1::RegistrationVersion version = Version("Tickets", 1);
  version.set_erased_field_count(0);
  version.set_restricted_field_count(1);
  EXPECT_THAT(CheckVersion(version), kLied);
}

// Answers every question with the same true version.
class FakeRegister final : public UnaryConnection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& response) override {
    std::string bytes;
    if (method.path.ends_with("GetRegistration")) {
      v1::GetRegistrationResponse answer;
      *answer.mutable_version() = version;
      bytes = answer.SerializeAsString();
    } else {
      v1::GetRegistrationProofResponse answer;
      answer.set_leaf(version.leaf());
      answer.mutable_proof()->set_leaf_index(proof_index);
      bytes = answer.SerializeAsString();
    }
    return response.ParseFromString(bytes) ? absl::OkStatus()
                                           : absl::InternalError("no answer");
  }
  v1::RegistrationVersion version = Version("Tickets");
  std::int64_t proof_index = 0;
};

TEST(GetChecked, RefusesTheAnswerToAnotherQuestion) {
  FakeRegister server;
  RegisterClient client(server);
  const auto key = crypto::Ed25519PrivateKey::Generate();
  const tlog::Policy policy =
      tlog::Policy::ForLog(tlog::NoteVerifier::Create(
                               "op.example/register",
                               tlog::NoteAlgorithm::kEd25519, key.PublicKey())
                               ->Vkey())
          .value();
  const auto said = [&](const std::string& id, std::int64_t version) {
    return std::string(
        client.GetChecked(id, version, policy).status().message());
  };
  const std::string another = "another registration or version";
  const std::string id = server.version.registration_id();
  EXPECT_NE(said("sys_other", 0).find(another), std::string::npos);
  EXPECT_NE(said(id, 2).find(another), std::string::npos);
  // The right one goes on to the proof, which this server has none of.
  for (const std::int64_t version : {0, 1}) {
    EXPECT_EQ(said(id, version).find(another), std::string::npos);
    EXPECT_NE(said(id, version), "");
  }
  server.proof_index = 1;
  EXPECT_NE(said(id, 1).find("entry of the version"), std::string::npos);
}

}  // namespace
}  // namespace limpid::client
