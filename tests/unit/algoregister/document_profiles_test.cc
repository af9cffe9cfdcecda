// Profiles whose files are documents: published and synthetic files in and out
// without loss, and exports against the schemas of others.

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "common/json/json.h"
#include "common/json/schema.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/documents.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using testing::IsOk;

// Every leaf of a document as "pointer=value".
void Leaves(const Value& at, const std::string& pointer,
            std::vector<std::string>& out) {
  if (at.is_object() && at.size() > 0) {
    for (const json::Member& member : at.members()) {
      Leaves(member.value, pointer + "/" + member.key, out);
    }
  } else if (at.is_array() && at.size() > 0) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      Leaves(at.elements()[i], absl::StrCat(pointer, "/", i), out);
    }
  } else {
    out.push_back(pointer + "=" + json::Canonical(at));
  }
}

// What of `before` the document `after` does not say.
std::vector<std::string> Lost(const Value& before, const Value& after) {
  std::vector<std::string> all;
  std::vector<std::string> kept;
  std::vector<std::string> out;
  Leaves(before, "", all);
  Leaves(after, "", kept);
  for (const std::string& leaf : all) {
    if (std::find(kept.begin(), kept.end(), leaf) == kept.end()) {
      out.push_back(leaf);
    }
  }
  return out;
}

struct Sample {
  std::string_view profile;
  std::string_view file;
  // Leaves that are not written as they were read.
  std::vector<std::string> changed;
};

void PrintTo(const Sample& sample, std::ostream* out) {
  *out << sample.profile;
}

class DocumentFixture : public ::testing::TestWithParam<Sample> {};

TEST_P(DocumentFixture, ComesBackWithEverythingItSaid) {
  const std::string file = Fixture(GetParam().file);
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const Value document = Parse(file);
  const Taken taken = ExpectLossless(GetParam().profile, document);
  const Profile& profile = *FindProfile(GetParam().profile);
  EXPECT_EQ(Lost(document, Parse(Write(profile, taken).file)),
            GetParam().changed);
  // Every column has something to read there, so none can be mistyped.
  for (const Column& column : profile.columns) {
    if (column.foreign.empty() || column.type == ColumnType::kConstant ||
        column.type == ColumnType::kMade) {
      continue;
    }
    EXPECT_NE(FindPlace(document, column.foreign), nullptr)
        << profile.name << ": " << column.foreign;
  }
}

// A single text becomes a list, a number a text, a time of day goes.
INSTANTIATE_TEST_SUITE_P(
    Synthetic, DocumentFixture,
    ::testing::Values(
        Sample{"croissant",
               "croissant-1.1.json",
               {R"(/datePublished="2026-03-01T09:30:00Z")",
                R"(/inLanguage="en")", "/rai:annotationsPerItem=2",
                R"(/rai:dataAnnotationPlatform="Paper")",
                R"(/rai:dataLimitations="No heights above 30 metres.")",
                R"(/spatialCoverage="Nowhere")", "/version=2"}},
        Sample{"cyclonedx", "cyclonedx-1.6.json", {}},
        Sample{"cyclonedx-data", "cyclonedx-1.6.json", {}},
        Sample{"mldcat-ap",
               "mldcat-ap-3.1.json",
               {R"(/@graph/0/MachineLearningModel.language=)"
                R"("http://publications.europa.eu/resource/authority/)"
                R"(language/ENG")",
                R"(/@graph/0/MachineLearningModel.validatedOn=)"
                R"("https://data.example/validation")"}},
        Sample{"mldcat-ap-dataset", "mldcat-ap-3.1.json", {}},
        Sample{"model-card",
               "model-card-0.0.2.json",
               {"/quantitative_analysis/performance_metrics/1/value=0.7"}},
        Sample{"ngsi-ld", "ngsi-ld.json", {R"(/type="MLModel")"}},
        Sample{"spdx",
               "spdx-3.0.1.json",
               {R"(/@graph/2/ai_autonomyType="noAssertion")"}},
        Sample{"spdx-dataset", "spdx-3.0.1.json", {}}));

TEST(DocumentFields, AreReadIntoTheFieldsOfTheRegister) {
  const std::string file = Fixture("model-card-0.0.2.json");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const Taken card = Take(*FindProfile("model-card"), Parse(file));
  EXPECT_EQ(FieldIn(card, "intended_users"), R"(["Inspectors","Planners"])");
  EXPECT_EQ(FieldIn(card, "version_date"), R"("2026-03-31")");
  EXPECT_EQ(FieldIn(card, "datasets_named"),
            R"([{"description":"Seven of ten trees","name":"Training set",)"
            R"("other":"{\"sensitive\":{\"sensitive_data\":[\"none\"]}}",)"
            R"("reference":"https://data.example/trees"},)"
            R"({"name":"Test set","other":"{\"graphics\":{\"collection\":)"
            R"([{\"image\":\"aGVsbG8=\",\"name\":\"Sizes\"}]}}"}])");
  // One of them says more than its text: the list stays whole in the rest.
  EXPECT_EQ(FieldIn(card, "limitations"), "not given");
  EXPECT_NE(FieldIn(card, "other_model_card").find("Private gardens"),
            std::string::npos);
  EXPECT_EQ(Remarks(card),
            (std::vector<std::string>{
                "/quantitative_analysis/performance_metrics: value: a number; "
                "read as text",
                "/considerations/limitations: not a list of objects of "
                "description alone; kept unread"}));
}

TEST(DocumentFields, SelectTheObjectThatIsMeant) {
  const std::string file = Fixture("spdx-3.0.1.json");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const Taken model = Take(*FindProfile("spdx"), Parse(file));
  EXPECT_EQ(FieldIn(model, "artifact_digest"),
            "\"sha256:" + std::string(64, '1') + "\"");
  EXPECT_EQ(FieldIn(model, "safety_risk"), R"("low")");
  EXPECT_EQ(FieldIn(model, "autonomous"), "not given");
  EXPECT_EQ(FieldIn(model, "metrics"),
            R"([{"name":"recall","value":"0.81"},{"name":"precision",)"
            R"("other":"{\"comment\":\"on the test set\"}","value":"0.4"}])");
  const Taken data = Take(*FindProfile("spdx-dataset"), Parse(file));
  EXPECT_EQ(FieldIn(data, "modality"), R"(["numeric","structured"])");
  EXPECT_EQ(FieldIn(data, "size_bytes"), "117743");
  EXPECT_EQ(FieldIn(data, "availability"), R"("direct_download")");
}

TEST(DocumentFields, NeverRegisterAPersonAsABody) {
  const Taken taken =
      Take(*FindProfile("croissant"),
           Parse(R"({"name":"n","creator":{"@type":"sc:Person","name":"x"},)"
                 R"("publisher":{"@type":"sc:Person","name":"y"}})"));
  EXPECT_TRUE(taken.reading.organisations.empty());
}

struct Published {
  std::string_view profile;
  std::string_view file;
  std::vector<std::string> remarks;
};

void PrintTo(const Published& published, std::ostream* out) {
  *out << published.file;
}

class PublishedDocument : public ::testing::TestWithParam<Published> {};

TEST_P(PublishedDocument, IsTakenWithEveryRepairTold) {
  LIMPID_SHARED_OR_SKIP(path, absl::StrCat("data/algoregister/provenance/",
                                           std::string(GetParam().file)));
  const Value document = Parse(testing::ReadFile(path));
  const Taken taken = ExpectLossless(GetParam().profile, document);
  EXPECT_EQ(Remarks(taken), GetParam().remarks);
}

INSTANTIATE_TEST_SUITE_P(
    Provenance, PublishedDocument,
    ::testing::Values(
        Published{"croissant", "croissant-credit-g.json", {}},
        Published{"croissant",
                  "croissant-titanic.json",
                  {"/description: blanks at the ends removed",
                   "/citeAs: blanks at the ends removed"}},
        Published{"model-card",
                  "model_card-cats_vs_dogs.json",
                  {"/model_details/version/date: month first; turned round"}},
        Published{"ngsi-ld",
                  "sdm-MLModel-example.jsonld",
                  {"/description/value: blanks at the ends removed"}}));

TEST(PublishedCroissant, KeepsRecordSetsAndFiles) {
  LIMPID_SHARED_OR_SKIP(path,
                        "data/algoregister/provenance/croissant-credit-g.json");
  const Value document = Parse(testing::ReadFile(path));
  const Profile& profile = *FindProfile("croissant");
  const Value written = Parse(Write(profile, Take(profile, document)).file);
  EXPECT_EQ(*written.Find("conformsTo"),
            Value("http://mlcommons.org/croissant/1.1"));
  for (const std::string_view kept : {"recordSet", "distribution", "creator"}) {
    EXPECT_EQ(*written.Find(kept), *document.Find(kept)) << kept;
  }
  EXPECT_EQ(Lost(document, written),
            (std::vector<std::string>{
                R"(/conformsTo="http://mlcommons.org/croissant/1.0")",
                R"(/inLanguage="en")",
                R"(/sameAs="https://archive.ics.uci.edu/ml/datasets/)"
                "statlog+(german+credit+data)\""}));
}

// What draft 7 says beyond the subset of common/json/schema.h, none of which
// our exports could break: formats of addresses, encodings of images.
Value WithoutAnnotations(const Value& schema) {
  if (schema.is_array()) {
    Value out = Value::Array();
    for (const Value& element : schema.elements()) {
      out.Append(WithoutAnnotations(element));
    }
    return out;
  }
  if (!schema.is_object()) return schema;
  Value out = Value::Object();
  for (const json::Member& member : schema.members()) {
    const bool ignored =
        member.key == "contentEncoding" || member.key == "contentMediaType" ||
        (member.key == "format" && member.value == Value("uri"));
    if (!ignored) out.Set(member.key, WithoutAnnotations(member.value));
  }
  return out;
}

TEST(DocumentSchemas, ModelCardsAreModelCards) {
  LIMPID_SHARED_OR_SKIP(
      path, "data/algoregister/provenance/model_card-v0.0.2.schema.json");
  const auto schema =
      json::Schema::Compile(WithoutAnnotations(Parse(testing::ReadFile(path))));
  ASSERT_THAT(schema, IsOk());
  const Profile& profile = *FindProfile("model-card");
  const std::string file = Fixture("model-card-0.0.2.json");
  if (file.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const Value written = Parse(Write(profile, Take(profile, Parse(file))).file);
  EXPECT_THAT(schema->Validate(written), IsOk());
  // The schema does refuse something.
  Value broken = written;
  broken.Set("model_details", "text");
  EXPECT_FALSE(schema->Validate(broken).ok());
}

// Attributes without their wrapping, and the one type of the two.
Value KeyValues(const Value& entity) {
  Value out = Value::Object();
  for (const json::Member& member : entity.members()) {
    const Value* const value = member.value.Find("value");
    out.Set(member.key, value == nullptr ? member.value : *value);
  }
  out.Set("type", *entity.FindPointer("/type/0"));
  return out;
}

TEST(DocumentSchemas, EntitiesAreModelsOfTheSmartDataModels) {
  LIMPID_SHARED_OR_SKIP(path,
                        "data/algoregister/provenance/sdm-MLModel.schema.json");
  const Value file = Parse(testing::ReadFile(path));
  Value shape = WithoutAnnotations(*file.FindPointer("/allOf/1"));
  shape.Set("required", *file.Find("required"));
  shape.Set("type", "object");
  const auto schema = json::Schema::Compile(shape);
  ASSERT_THAT(schema, IsOk());
  const Profile& profile = *FindProfile("ngsi-ld");
  const std::string fixture = Fixture("ngsi-ld.json");
  if (fixture.empty()) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const Value written =
      Parse(Write(profile, Take(profile, Parse(fixture))).file);
  Value entity = KeyValues(written);
  // A relationship has no value.
  entity.Remove("refMLProcessing");
  EXPECT_THAT(schema->Validate(entity), IsOk());
  for (const json::Member& member : written.members()) {
    if (member.value.Find("value") == nullptr) continue;
    EXPECT_NE(member.value.Find("type"), nullptr) << member.key;
  }
  entity.Set("inputAttributes", "height");
  EXPECT_FALSE(schema->Validate(entity).ok());
}

Taken OfOurOwn(RegistrationKind kind) {
  Taken own;
  own.content = NewContent(kind);
  SetField(own.content, "title", GivenText("en", "Of our own"));
  own.content.Set("reason", "Registered");
  return own;
}

// A registration that comes from nowhere else.
TEST(DocumentExport, MakesWholeDocumentsOfOurOwn) {
  for (const std::string_view name : kDocumentProfiles) {
    const Profile& profile = *FindProfile(name);
    Taken own = OfOurOwn(profile.kind);
    SetField(own.content, "version", Given(Value("1")));
    ASSERT_THAT(ValidateContent(own.content), IsOk());
    const Export written = Write(profile, own);
    EXPECT_TRUE(written.dropped.empty()) << name;
    const Value document = Parse(written.file);
    const Taken back = Take(profile, document);
    EXPECT_EQ(FieldIn(back, "title"),
              json::Canonical(*GivenValue(own.content, "title")));
    EXPECT_EQ(FieldIn(back, "version"), R"("1")") << name;
    // Nothing that is the profile's own stays over.
    EXPECT_EQ(back.reading.fields.size(), 2U) << written.file;
    EXPECT_TRUE(back.reading.findings.empty()) << written.file;
    for (const Column& column : profile.columns) {
      if (column.type != ColumnType::kConstant) continue;
      EXPECT_NE(FindPlace(document, column.foreign), nullptr) << column.foreign;
    }
  }
}

// What every SPDX document has to say, and no field of ours says.
TEST(DocumentExport, SaysWhenAndByWhomItWasMade) {
  for (const std::string_view name : {"spdx", "spdx-dataset"}) {
    const Profile& profile = *FindProfile(name);
    const ExportItem item{.registration = IdOf(profile.kind, 2),
                          .content = OfOurOwn(profile.kind).content,
                          .drafted = absl::FromUnixMillis(1'764'460'800'500),
                          .publisher = PublisherId::Random()};
    const Value document = Parse(ExportItems(profile, {&item, 1}, {}).file);
    const std::string made = "/@graph/[type=CreationInfo]/";
    EXPECT_EQ(*FindPlace(document, made + "created"),
              Value("2025-11-30T00:00:00Z"));
    const Value agent("urn:limpid:publisher:" + item.publisher.Text());
    EXPECT_EQ(*FindPlace(document, made + "createdBy"),
              Value(std::vector<Value>{agent}));
    EXPECT_EQ(*FindPlace(document, "/@graph/[type=Agent]/spdxId"), agent);
    const Taken back = Take(profile, document);
    EXPECT_EQ(GivenValue(back.content, "other_spdx"), nullptr) << name;
  }
}

// Nothing is made up beside what another author says, and nothing of it lost.
TEST(DocumentExport, KeepsWhoMadeADocumentThatCameFromElsewhere) {
  const Profile& profile = *FindProfile("spdx");
  Value document = Parse(Write(profile, OfOurOwn(profile.kind)).file);
  const std::string made = "/@graph/[type=CreationInfo]/";
  const Value theirs(std::vector<Value>{Value("https://town.example/spdx")});
  ASSERT_THAT(SetPlace(document, made + "createdBy", theirs), IsOk());
  const Taken taken = ExpectLossless("spdx", document);
  const Value written = Parse(Write(profile, taken).file);
  EXPECT_EQ(*FindPlace(written, made + "createdBy"), theirs);
  EXPECT_EQ(*FindPlace(written, made + "created"),
            *FindPlace(document, made + "created"));
  // One who says when and not by whom is not given a name.
  ASSERT_THAT(SetPlace(document, made + "createdBy", Value(Value::Array())),
              IsOk());
  const Value nobody = Parse(Write(profile, Take(profile, document)).file);
  EXPECT_EQ(*FindPlace(nobody, made + "createdBy"), Value(Value::Array()));
}

TEST(DocumentExport, NamesEntitiesThatHaveNoName) {
  const Profile& profile = *FindProfile("ngsi-ld");
  const Value entity = Parse(Write(profile, OfOurOwn(profile.kind)).file);
  EXPECT_EQ(*entity.Find("id"),
            Value("urn:ngsi-ld:MLModel:" + IdOf(profile.kind, 2).Text()));
}

TEST(DocumentExport, SaysWhenSeveralTextsBecomeOne) {
  const Profile& profile = *FindProfile("spdx");
  Taken own = OfOurOwn(profile.kind);
  SetField(own.content, "limitations",
           Given(Value(std::vector<Value>{Value("one"), Value("two")})));
  const Export written = Write(profile, own);
  ASSERT_EQ(written.dropped.size(), 1U);
  EXPECT_EQ(written.dropped.front().pointer, "/fields/limitations");
  const Value document = Parse(written.file);
  const Value* const text =
      FindPlace(document, "/@graph/[type=ai_AIPackage]/ai_limitation");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(*text, Value("one\ntwo"));
}

TEST(DocumentRestOfACard, LetsTheLongestTextsGoFirst) {
  Value card = Parse(R"({"model_details":{"name":"n"}})");
  Value images = Value::Array();
  for (std::size_t i = 0; i < 4; ++i) {
    images.Append(Value::Object({{"image", Value(std::string(40'000 + i, 'A'))},
                                 {"name", Value(absl::StrCat("plot ", i))}}));
  }
  ASSERT_THAT(
      SetPlace(card, "/quantitative_analysis/graphics/collection", images),
      IsOk());
  const Taken taken = ExpectLossless("model-card", card);
  EXPECT_EQ(Remarks(taken),
            (std::vector<std::string>{
                "/quantitative_analysis/graphics/collection/3/image: too "
                "large to keep; left out"}));
  EXPECT_NE(FieldIn(taken, "other_model_card").find("plot 3"),
            std::string::npos);
}

TEST(DocumentRestOfACard, OfManySmallThingsIsLeftOut) {
  Value small = Value::Array();
  for (int i = 0; i < 40'000; ++i) small.Append(i);
  Value large = Parse(R"({"model_details":{"name":"n"}})");
  large.Set("numbers", small);
  const Taken taken = ExpectLossless("model-card", large);
  EXPECT_EQ(FieldIn(taken, "other_model_card"), "not given");
  EXPECT_EQ(taken.reading.findings.size(), 1U);
}

TEST(FieldsOfDatasetsAndModels, KeepThoseOfEarlierReleases) {
  const FieldSpec* const origin =
      FindField(RegistrationKind::kDataset, "origin");
  ASSERT_NE(origin, nullptr);
  for (const std::string_view code :
       {"consented_personal_data", "other_personal_data", "no_personal_data",
        "synthetic"}) {
    EXPECT_TRUE(
        std::any_of(origin->codes.begin(), origin->codes.end(),
                    [code](const Code& known) { return known.code == code; }))
        << code;
  }
  for (const std::string_view field :
       {"title", "description", "organisation", "licence", "snapshots"}) {
    EXPECT_NE(FindField(RegistrationKind::kDataset, field), nullptr) << field;
  }
  for (const std::string_view field :
       {"title", "description", "system", "dataset_uses"}) {
    EXPECT_NE(FindField(RegistrationKind::kModel, field), nullptr) << field;
  }
}

}  // namespace
}  // namespace limpid::algoregister
