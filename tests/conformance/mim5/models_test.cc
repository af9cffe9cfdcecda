// MIM5, what is said of models: where they are, what they learned, and that it
// can be taken elsewhere.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/link_check.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim5/rows.h"
#include "tests/conformance/mim5/target.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"

namespace limpid::mim5 {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kModel = v1::REGISTRATION_KIND_MODEL;

std::string DigestOfBytes(std::string_view bytes) {
  return "sha256:" + base::HexEncode(crypto::Sha256(base::AsBytes(bytes)));
}

// The addresses of a content, asked and compared.
std::vector<client::CheckedLink> Checked(const std::string& id,
                                         const Value& content,
                                         const std::string& ca_pem) {
  client::LinkCheckOptions options;
  options.private_addresses = true;
  options.digests = true;
  options.ca_pem = ca_pem;
  return client::CheckLinks(client::LinksOf(id, content), options,
                            [](std::size_t, std::size_t) {});
}

TEST_F(Mim5, AModelIsWhereItsDigestSaysOrRestrictedWithAReason) {
  Cite({"L:TT-1", kMims2022,
        "code and model with digest, or a reasoned restriction"});
  const std::string weights = "weights of a small model";
  const testing::TestTls tls;
  const testing::HttpsReceiver host(
      tls.server(), [&weights](const testing::ReceivedRequest& asked) {
        const bool there = asked.line.starts_with("GET /model ");
        return testing::Reply{.status = 200,
                              .body = there ? weights : "something else"};
      });
  const std::string origin = absl::StrCat("https://localhost:", host.port());
  Value model = Content("Tree risk model");
  Set(model, "artifact_url", Value(origin + "/model"));
  Set(model, "artifact_digest", Value("sha256:not-a-digest"));
  EXPECT_THAT(TryPublish(kModel, model),
              StatusIs(absl::StatusCode::kInvalidArgument));
  Set(model, "artifact_digest", Value(DigestOfBytes(weights)));
  const std::string there = Publish(kModel, model);
  Set(model, "artifact_url", Value(origin + "/other"));
  const std::string replaced = Publish(kModel, model);

  const auto resolved = Checked(there, Public(there), tls.server_ca_pem());
  ASSERT_EQ(resolved.size(), 1U);
  EXPECT_EQ(resolved[0].state, client::LinkState::kAlive);
  EXPECT_EQ(resolved[0].digest, client::DigestState::kMatches);
  const auto wrong = Checked(replaced, Public(replaced), tls.server_ca_pem());
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].digest, client::DigestState::kDiffers);

  // Kept back: who, why and until when is said, and the digest stays public.
  Restrict(model, "artifact_url", {}, Value());
  const Value kept = Public(Publish(kModel, model));
  const Value* const stub = kept.FindPointer("/fields/artifact_url");
  ASSERT_NE(stub, nullptr);
  EXPECT_EQ(stub->GetString("state").value(), "withheld");
  for (const char* const member : {"ground", "authority", "review"}) {
    EXPECT_FALSE(stub->GetString(member).value().empty()) << member;
  }
  EXPECT_EQ(kept.FindPointer("/fields/artifact_digest/value")->string(),
            DigestOfBytes(weights));
  Value unreasoned = *model.Find("fields");
  unreasoned.Set("artifact_url", Value::Object({{"state", Value("withheld")}}));
  model.Set("fields", std::move(unreasoned));
  EXPECT_THAT(TryPublish(kModel, model),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

constexpr std::string_view kCard = R"({
 "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
 "components": [{
  "type": "machine-learning-model", "bom-ref": "@", "name": "Learned model",
  "modelCard": {
   "modelParameters": {"approach": {"type": "supervised"},
    "architectureFamily": "decision trees"},
   "quantitativeAnalysis": {"performanceMetrics": [
    {"type": "recall", "value": "0.81", "slice": "broad streets"}]},
   "considerations": {"technicalLimitations": ["Private gardens"]},
   "properties": [{"name": "leaves", "value": "63"}]}}]})";

// The document of `list` whose model has the name.
const Value* CardNamed(const Value& list, std::string_view name) {
  for (const Value& document : list.elements()) {
    const Value* const named = document.FindPointer("/components/0/name");
    if (named != nullptr && *named == Value(name)) return &document;
  }
  return nullptr;
}

TEST_F(Mim5, WhatAModelLearnedLeavesAndComesBack) {
  Cite({"L:TT-2", kMims2022,
        "the learnings leave in an open format and come back"});
  const std::string name =
      "Learned " + base::HexEncode(crypto::RandomArray<8>());
  Value card = json::ParseStrict(kCard).value();
  Value component = card.Find("components")->elements()[0];
  component.Set("name", name);
  component.Set("bom-ref", name);
  card.Set("components", Value(std::vector<Value>{component}));
  client::PublisherClient publisher(*publisher_.connection, publisher_.key);
  const auto quiet = [](std::int64_t, std::int64_t) {};
  const auto taken =
      publisher.Import("cyclonedx", json::Canonical(card), "a case of MIM5",
                       /*commit=*/true, quiet);
  ASSERT_THAT(taken, IsOk());
  ASSERT_EQ(taken->rows.size(), 1U);
  ASSERT_EQ(taken->rows[0].outcome(), v1::IMPORT_OUTCOME_NEW);
  // Its parts are fields that anybody reads.
  const Value content = Public(taken->rows[0].registration_id());
  EXPECT_EQ(content.FindPointer("/fields/metrics/value/0/slice")->string(),
            "broad streets");

  std::string file;
  ASSERT_THAT(Exported("cyclonedx", file), IsOk());
  const auto written = json::ParseStrict(file);
  ASSERT_THAT(written, IsOk());
  const Value list =
      written->is_array() ? *written : Value(std::vector<Value>{*written});
  const Value* const out = CardNamed(list, name);
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(json::Canonical(*out->FindPointer("/components/0/modelCard")),
            json::Canonical(*component.Find("modelCard")));
  // Read again it says what is registered.
  const auto again =
      publisher.Import("cyclonedx", json::Canonical(*out), "a case of MIM5",
                       /*commit=*/false, quiet);
  ASSERT_THAT(again, IsOk());
  ASSERT_EQ(again->rows.size(), 1U);
  EXPECT_EQ(again->rows[0].outcome(), v1::IMPORT_OUTCOME_UNCHANGED);
  EXPECT_EQ(again->rows[0].registration_id(), taken->rows[0].registration_id());
}

// The entity of a model in an export of all.
const Value* EntityOf(const Value& list, const std::string& id) {
  for (const Value& entity : list.elements()) {
    const Value* const named = entity.Find("id");
    if (named != nullptr && named->string().ends_with(id)) return &entity;
  }
  return nullptr;
}

TEST_F(Mim5, AModelHasStandardMetadataCallsAndItsBiasExplained) {
  Cite({"MIM8.C3.R3.1-R3.3", kVersion9,
        "standard model metadata, documented calls, bias methods"});
  Value model = Content("Model with metadata");
  SetText(model, "description", "Says which tree to look at first.");
  Set(model, "algorithm", Value("gradient boosting"));
  Set(model, "version", Value("1.2"));
  Set(model, "input_attributes",
      Value(std::vector<Value>{Value("species"), Value("height")}));
  Set(model, "output_attributes",
      Value(std::vector<Value>{Value("risk, 0 to 1")}));
  SetText(model, "application", "POST the attributes, get the risk.");
  SetText(model, "bias", "Recall was compared by street width; see metrics.");
  const std::string id = Publish(kModel, model);
  std::string file;
  ASSERT_THAT(Exported("ngsi-ld", file), IsOk());
  const auto written = json::ParseStrict(file);
  ASSERT_THAT(written, IsOk());
  const Value list =
      written->is_array() ? *written : Value(std::vector<Value>{*written});
  const Value* const entity = EntityOf(list, id);
  ASSERT_NE(entity, nullptr) << file.substr(0, 2'000);
  const auto said = [entity](const char* term) {
    const Value* const property = entity->Find(term);
    return property == nullptr ? std::string() : json::Canonical(*property);
  };
  EXPECT_NE(said("inputAttributes").find("species"), std::string::npos) << file;
  EXPECT_NE(said("outputAttributes").find("risk"), std::string::npos);
  EXPECT_NE(said("algorithm").find("gradient boosting"), std::string::npos);
  EXPECT_NE(said("bias").find("street width"), std::string::npos);
  EXPECT_NE(said("application").find("POST"), std::string::npos);
  EXPECT_FALSE(said("@context").empty());
}

}  // namespace
}  // namespace limpid::mim5
