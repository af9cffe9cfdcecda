#include "algoregister/evidence/erasure_note.h"

#include <string>
#include <utility>

#include "absl/strings/str_replace.h"
#include "algoregister/evidence/bundle.h"
#include "common/json/json.h"
#include "gtest/gtest.h"

namespace limpid::algoregister::evidence {
namespace {

ErasureNote Example() {
  return {.digest = DigestText({}),
          .time = "2026-11-30T10:00:00.123Z",
          .ground = "GDPR Article 17(1)(d)",
          .role = "administrator"};
}

TEST(ErasureNote, IsReadAsItWasWritten) {
  const std::string file = json::Canonical(ToJson(Example()));
  const auto note = ReadErasureNote(file);
  ASSERT_TRUE(note);
  EXPECT_EQ(*note, Example());
  // It is no bundle.
  EXPECT_FALSE(ParseBundle(file).ok());
}

TEST(ErasureNote, WhatIsNotOneWholeIsNone) {
  const std::string file = json::Canonical(ToJson(Example()));
  for (const auto& [from, to] :
       {std::pair("erasure/1", "erasure/2"), std::pair("sha256:00", "sha256:0"),
        std::pair("2026-11-30T", "yesterday "),
        std::pair("\"role\"", "\"rule\""), std::pair("{", "{\"a\":1,"),
        std::pair("administrator", "")}) {
    EXPECT_FALSE(ReadErasureNote(absl::StrReplaceAll(file, {{from, to}})))
        << from;
  }
  EXPECT_FALSE(ReadErasureNote(""));
  EXPECT_FALSE(ReadErasureNote("[]"));
}

}  // namespace
}  // namespace limpid::algoregister::evidence
