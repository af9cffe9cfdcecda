// A document in and out of a content without a register around it.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_DOCUMENTS_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_DOCUMENTS_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/profile/export.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"

namespace limpid::algoregister {

inline constexpr auto kDocumentProfiles = std::to_array<std::string_view>(
    {"croissant", "cyclonedx", "cyclonedx-data", "mldcat-ap",
     "mldcat-ap-dataset", "model-card", "ngsi-ld", "spdx", "spdx-dataset"});

inline json::Value Parse(std::string_view text) {
  auto parsed = json::ParseStrict(text);
  EXPECT_THAT(parsed, testing::IsOk());
  return parsed.ok() ? *std::move(parsed) : json::Value();
}

inline RegistrationId IdOf(RegistrationKind kind, std::uint8_t seed) {
  RegistrationId out;
  out.kind = kind;
  out.bytes.fill(seed);
  return out;
}

// A document read into a content, as the import desk does.
struct Taken {
  RowReading reading;
  json::Value content;
  OrganisationNames names;
};

inline Taken Take(const Profile& profile, const json::Value& document) {
  Taken out;
  out.reading = ReadRow(profile, document);
  out.content = NewContent(profile.kind);
  const bool natural = out.reading.foreign_id.empty();
  AddAlias(out.content,
           natural ? Alias{NaturalScheme(profile), out.reading.natural_id}
                   : Alias{std::string(profile.name), out.reading.foreign_id});
  for (const json::Member& field : out.reading.fields.members()) {
    SetField(out.content, field.key, field.value);
  }
  for (const NamedOrganisation& body : out.reading.organisations) {
    const RegistrationId id = IdOf(RegistrationKind::kOrganisation, 1);
    out.names[id] = body.name;
    SetField(out.content, body.field, Given(json::Value(id.Text())));
  }
  out.content.Set("reason", "Import");
  return out;
}

inline std::string HashOf(const json::Value& content) {
  return base::HexEncode(receipt::ContentHash(content));
}

inline Export Write(const Profile& profile, const Taken& taken) {
  const ExportItem item{.registration = IdOf(profile.kind, 2),
                        .content = taken.content};
  return ExportItems(profile, {&item, 1}, taken.names);
}

inline std::string FieldIn(const Taken& taken, std::string_view name) {
  const json::Value* const value = GivenValue(taken.content, name);
  return value == nullptr ? std::string("not given") : json::Canonical(*value);
}

// "place: message" per finding.
inline std::vector<std::string> Remarks(const Taken& taken) {
  std::vector<std::string> out;
  for (const Finding& finding : taken.reading.findings) {
    out.push_back(finding.field + ": " + finding.message);
  }
  return out;
}

inline bool Names(const RowReading& reading, std::string_view place) {
  return std::any_of(reading.findings.begin(), reading.findings.end(),
                     [place](const Finding& f) { return f.field == place; });
}

// Reads, writes, reads: valid, and the same hash. Answers the first reading.
inline Taken ExpectLossless(std::string_view name,
                            const json::Value& document) {
  const Profile& profile = *FindProfile(name);
  Taken first = Take(profile, document);
  EXPECT_FALSE(IsRejected(first.reading)) << json::Canonical(document);
  EXPECT_THAT(ValidateContent(first.content), testing::IsOk());
  const Export written = Write(profile, first);
  for (const Dropped& dropped : written.dropped) {
    ADD_FAILURE() << name << ": " << dropped.pointer << ": " << dropped.reason;
  }
  const Taken again = Take(profile, Parse(written.file));
  EXPECT_EQ(HashOf(again.content), HashOf(first.content))
      << name << ": " << json::Canonical(document) << "\n"
      << written.file;
  return first;
}

inline std::string Fixture(std::string_view name) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr) return {};
  return testing::ReadFile(std::filesystem::path(root) /
                           "tests/data/algoregister" / name);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_DOCUMENTS_H_
