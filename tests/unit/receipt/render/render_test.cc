#include "common/receipt/render/render.h"

#include <array>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "common/json/schema.h"
#include "common/receipt/permit.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/receipt/render/source_fixture.h"

namespace limpid::receipt {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr std::array kProfiles = {
    DpvProfile::kRecord, DpvProfile::kRecordEuGdpr, DpvProfile::kReceipt,
    DpvProfile::kReceiptEuGdpr};

RenderSource SourceIn(std::string_view state) {
  RenderFacts facts = GrantFacts();
  facts.state = state;
  auto source = MakeRenderSource(std::move(facts));
  EXPECT_THAT(source, IsOk()) << state;
  return *std::move(source);
}

Value Parse(const std::string& text) {
  auto value = json::ParseStrict(text);
  EXPECT_THAT(value, IsOk());
  // Byte-stable: what was written is the canonical form of what it says.
  EXPECT_EQ(json::Canonical(*value), text);
  return *std::move(value);
}

// The 27560 record inside either profile.
const Value& RecordOf(const Value& rendering) {
  const Value* const inside =
      rendering.FindPointer("/dpv:hasRecordOfActivity/0");
  return inside == nullptr ? rendering : *inside;
}

std::string StatusOf(const Value& rendering) {
  return RecordOf(rendering)
      .FindPointer(
          "/dpv:hasProcess/0/dpv:hasLegalBasis/0/"
          "dpv:hasConsentStatus/@id")
      ->string();
}

json::Schema OurSchema() {
  const std::string text =
      testing::ReadFile(std::string(LIMPID_SCHEMAS) + "/dpv-27560.json");
  return json::Schema::Compile(json::ParseStrict(text).value()).value();
}

TEST(RenderStates, OnlyGrantedOptsIn) {
  std::set<std::string_view> names;
  for (const StateMapping& state : StateMappings()) {
    EXPECT_TRUE(names.insert(state.name).second);
    EXPECT_EQ(state.opt_in, state.name == "GRANTED");
    EXPECT_EQ(state.dpv_status == "ConsentGiven", state.name == "GRANTED");
  }
  EXPECT_EQ(names.size(), 15U);
}

TEST(RenderDpv, NoStateButGrantedLooksGivenInAnyProfile) {
  for (const StateMapping& state : StateMappings()) {
    for (const DpvProfile profile : kProfiles) {
      const Value value = Parse(RenderDpv(SourceIn(state.name), profile));
      const std::string status = StatusOf(value);
      EXPECT_EQ(status == "dpv:ConsentGiven", state.name == "GRANTED");
      EXPECT_NE(status, "dpv:RenewedConsentGiven");
    }
  }
}

TEST(RenderDpv, EveryStateAndProfilePassesOurSchema) {
  const json::Schema schema = OurSchema();
  for (const StateMapping& state : StateMappings()) {
    for (const DpvProfile profile : kProfiles) {
      EXPECT_THAT(
          schema.Validate(Parse(RenderDpv(SourceIn(state.name), profile))),
          IsOk())
          << state.name;
    }
  }
}

TEST(RenderDpv, OurSchemaRefusesWhatMisses) {
  const json::Schema schema = OurSchema();
  const Value good =
      Parse(RenderDpv(SourceIn("GRANTED"), DpvProfile::kRecordEuGdpr));
  for (const char* const key :
       {"dct:conformsTo", "dct:identifier", "dct:language", "dpv:hasNotice",
        "dpv:hasDataSubject", "dpv:hasProcess", "limpid:receipt"}) {
    Value less = good;
    less.Remove(key);
    EXPECT_FALSE(schema.Validate(less).ok()) << key;
  }
  const Value process = *good.FindPointer("/dpv:hasProcess/0");
  for (const char* const key :
       {"dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasStorageCondition",
        "dpv:hasDataController", "dpv:hasRecipient", "dpv:hasLegalBasis",
        "dpv:hasConsentControl", "dpv:hasJurisdiction", "dpv:hasRight"}) {
    Value less = process;
    less.Remove(key);
    Value damaged = good;
    damaged.Set("dpv:hasProcess", std::vector<Value>{less});
    EXPECT_FALSE(schema.Validate(damaged).ok()) << key;
    less.Set(key, Value::Array());
    damaged.Set("dpv:hasProcess", std::vector<Value>{less});
    EXPECT_FALSE(schema.Validate(damaged).ok()) << "empty " << key;
  }
}

TEST(RenderDpv, OurSchemaRefusesAnEndedRecordThatSaysGiven) {
  const json::Schema schema = OurSchema();
  Value value = Parse(RenderDpv(SourceIn("WITHDRAWN"), DpvProfile::kRecord));
  Value process = *value.FindPointer("/dpv:hasProcess/0");
  Value basis = *process.FindPointer("/dpv:hasLegalBasis/0");
  basis.Set("dpv:hasConsentStatus",
            Value::Object({{"@id", Value("dpv:ConsentGiven")}}));
  process.Set("dpv:hasLegalBasis", std::vector<Value>{basis});
  value.Set("dpv:hasProcess", std::vector<Value>{process});
  EXPECT_FALSE(schema.Validate(value).ok());
}

TEST(RenderDpv, NamesTheProfileAndCarriesTheReceipt) {
  const RenderSource source = SourceIn("GRANTED");
  const Value receipt = Parse(RenderDpv(source, DpvProfile::kReceiptEuGdpr));
  EXPECT_EQ(receipt.FindPointer("/dct:conformsTo/@id")->string(),
            "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr");
  EXPECT_EQ(RecordOf(receipt).FindPointer("/dct:conformsTo/@id")->string(),
            "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr");
  EXPECT_EQ(receipt.Find("limpid:receipt")->string(),
            source.facts.receipt_file);
  EXPECT_GT(receipt.Find("limpid:dropped")->size(), 0U);
}

TEST(RenderDpv, ListsOnlyTheChosenLinesInTheirForm) {
  const Value value =
      Parse(RenderDpv(SourceIn("GRANTED"), DpvProfile::kRecord));
  const Value& data =
      *value.FindPointer("/dpv:hasProcess/0/dpv:hasPersonalData");
  ASSERT_EQ(data.size(), 2U);
  EXPECT_EQ(data.FindPointer("/1/limpid:parameters")->string(), R"({"n":18})");
  EXPECT_EQ(data.FindPointer("/1/limpid:form")->string(), "derived");
  EXPECT_EQ(data.FindPointer("/1/limpid:formMeaning"), nullptr);
}

TEST(RenderDpv, SaysWhatCanBeShownToOthers) {
  std::string agreement(kAgreement);
  const std::string derived = R"("form":"derived")";
  agreement.replace(agreement.find(derived), derived.size(),
                    R"("form":"attested")");
  RenderFacts facts = GrantFacts(ReceiptType::kGrant, agreement);
  facts.receipt.body.lines[1].form = static_cast<std::uint8_t>(Form::kAttested);
  facts.receipt_file = SignedReceipt(facts.receipt.body).ToFile();
  const auto source = MakeRenderSource(std::move(facts));
  ASSERT_THAT(source, IsOk());
  const Value value = Parse(RenderDpv(*source, DpvProfile::kRecord));
  const Value& line =
      *value.FindPointer("/dpv:hasProcess/0/dpv:hasPersonalData/1");
  EXPECT_EQ(line.Find("limpid:form")->string(), "attested");
  EXPECT_EQ(line.Find("limpid:formMeaning")->string(), kAttestedMeaning);
}

TEST(RenderKantara, ValidatesAgainstTheirSchema) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/kantara/schema-v1_1.json");
  // Their file is JSON but for lines of comment at its head.
  std::string text;
  std::istringstream lines(testing::ReadFile(path));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start != std::string::npos && line.compare(start, 2, "//") == 0) {
      continue;
    }
    text += line + "\n";
  }
  Value raw = json::ParseStrict(text).value();
  raw.Remove("$schema");  // Draft 4; it uses nothing that draft 7 changed.
  const auto schema = json::Schema::Compile(raw);
  ASSERT_THAT(schema, IsOk());
  const Value value = Parse(RenderKantara(SourceIn("GRANTED")).value());
  EXPECT_THAT(schema->Validate(value), IsOk());
  for (const char* const key : {"version", "services", "spiCat", "policyUrl"}) {
    Value less = value;
    less.Remove(key);
    EXPECT_FALSE(schema->Validate(less).ok()) << key;
  }
}

TEST(RenderKantara, RefusesEveryStateButGranted) {
  for (const StateMapping& state : StateMappings()) {
    const auto rendering = RenderKantara(SourceIn(state.name));
    if (state.name == "GRANTED") {
      EXPECT_THAT(rendering, IsOk());
    } else {
      EXPECT_THAT(rendering, StatusIs(absl::StatusCode::kFailedPrecondition))
          << state.name;
    }
  }
}

TEST(RenderGovStack, OptsInOnlyWhileGrantedAndHashesItsSnapshot) {
  for (const StateMapping& state : StateMappings()) {
    const Value value = Parse(RenderGovStack(SourceIn(state.name)));
    const std::string snapshot =
        value.FindPointer("/revision/serializedSnapshot")->string();
    const Value inner = Parse(snapshot);
    EXPECT_EQ(inner.FindPointer("/objectData/optIn")->boolean(),
              state.name == "GRANTED");
    EXPECT_EQ(value.FindPointer("/revision/serializedHash")->string().size(),
              40U);
    EXPECT_EQ(value.FindPointer("/signature/verificationArtifact")->string(),
              GrantFacts().receipt_file);
  }
}

TEST(RenderGovStack, HasEveryRequiredMemberOfTheSpecification) {
  const Value value = Parse(RenderGovStack(SourceIn("GRANTED")));
  for (const char* const key :
       {"id", "schemaName", "objectId", "serializedSnapshot", "serializedHash",
        "timestamp"}) {
    EXPECT_NE(value.Find("revision")->Find(key), nullptr) << key;
  }
  for (const char* const key :
       {"id", "payload", "signature", "verificationMethod",
        "verificationPayload", "verificationPayloadHash",
        "verificationSignedBy", "timestamp"}) {
    EXPECT_NE(value.Find("signature")->Find(key), nullptr) << key;
  }
}

TEST(RenderSource, IsExpiredFromUntilOnWhateverTheStateSays) {
  RenderFacts facts = GrantFacts();
  facts.as_of = facts.until - absl::Milliseconds(1);
  EXPECT_TRUE(MakeRenderSource(facts)->active());
  facts.as_of = facts.until;
  EXPECT_EQ(MakeRenderSource(facts)->state.name, "EXPIRED");
  facts.as_of = facts.from - absl::Milliseconds(1);
  EXPECT_THAT(MakeRenderSource(facts),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RenderSource, AWithdrawalReceiptNeverRendersAsInForce) {
  RenderFacts facts = GrantFacts(ReceiptType::kWithdrawal);
  EXPECT_THAT(MakeRenderSource(facts), IsOk());
  for (const char* const state : {"GRANTED", "PAUSED", "REQUESTED"}) {
    facts.state = state;
    EXPECT_THAT(MakeRenderSource(facts),
                StatusSays(absl::StatusCode::kInvalidArgument, "state"));
  }
}

TEST(RenderSource, RefusesAnotherAgreementFileStateOrType) {
  RenderFacts facts = GrantFacts();
  facts.agreement_json += " ";
  EXPECT_THAT(MakeRenderSource(facts),
              StatusSays(absl::StatusCode::kInvalidArgument, "agreement"));
  facts = GrantFacts();
  facts.receipt.body.revision += 1;
  EXPECT_THAT(MakeRenderSource(facts),
              StatusSays(absl::StatusCode::kInvalidArgument, "receipt_file"));
  facts = GrantFacts();
  facts.state = "granted";
  EXPECT_THAT(MakeRenderSource(facts),
              StatusSays(absl::StatusCode::kInvalidArgument, "state"));
  EXPECT_THAT(MakeRenderSource(GrantFacts(ReceiptType::kAccess)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  std::string contract = kAgreement;
  contract.replace(contract.find("\"consent\""), 9, "\"contract\"");
  EXPECT_THAT(MakeRenderSource(GrantFacts(ReceiptType::kGrant, contract)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace limpid::receipt
