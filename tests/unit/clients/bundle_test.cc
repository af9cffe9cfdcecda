#include "clients/cpp/bundle.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

constexpr char kOrigin[] = R"("origin":{"operator":"old.example","source":)"
                           R"("src_ucq2fi5euwtkpkfjvkv2zlnov4"})";

std::string Definition(std::string_view attribute, int schema = 1) {
  return absl::StrCat(R"({"attribute":")", std::string(attribute),
                      R"(","category":"https://w3id.org/dpv/pd#Household",)",
                      R"("line":"definition","schema":{"type":"integer"},)",
                      R"("schema_version":)", schema,
                      R"(,"sensitivity":1,"title":"People"})");
}
std::string Version(std::string_view attribute, int version, int schema = 1) {
  return absl::StrCat(
      R"({"attribute":")", std::string(attribute),
      R"(","custody":"assisted","line":"version",)", kOrigin,
      R"(,"put":"2026-11-20T12:00:00.000Z","schema":"c2NoZW1h",)",
      R"("schema_version":)", schema, R"(,"value":)", version, R"(,"version":)",
      version, "}");
}
std::string Slot(int generation, std::string_view id) {
  return absl::StrCat(
      R"({"body":"Ym9keQ","created":"2026-11-20T12:00:00.000Z",)",
      R"("generation":)", generation, R"(,"key_id":"a2V5","kind":"device",)",
      R"("line":"slot",)", kOrigin, R"(,"slot_id":")", std::string(id),
      R"("})");
}

BundleHead Head() {
  return {"old.example", "src_ucq2fi5euwtkpkfjvkv2zlnov4",
          absl::FromUnixMillis(1'763'640'000'123)};
}

std::string Written(const std::vector<std::string>& lines) {
  return WriteBundle(Head(), lines).value();
}
std::vector<std::string> Lines() {
  return {Slot(1, "AAAA"),        Slot(1, "AAAB"),     Definition("a.one"),
          Version("a.one", 1),    Version("a.one", 2), Definition("a.one", 2),
          Version("a.one", 3, 2), Definition("a.two"), Version("a.two", 1)};
}
// What reading these lines says.
absl::Status Read(const std::vector<std::string>& lines) {
  const std::string text = Written(lines);
  return ReadBundle(text).status();
}
// `lines` without the one at `place`, or with `line` there.
absl::Status Without(std::size_t place) {
  auto lines = Lines();
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(place));
  return Read(lines);
}
absl::Status With(std::size_t place, const std::string& line) {
  auto lines = Lines();
  lines[place] = line;
  return Read(lines);
}

TEST(Bundle, IsReadAsItWasWritten) {
  const std::string text = Written(Lines());
  const auto bundle = ReadBundle(text);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->head.operator_name, "old.example");
  EXPECT_EQ(bundle->head.exported, Head().exported);
  ASSERT_EQ(bundle->lines.size(), Lines().size());
  for (std::size_t i = 0; i < Lines().size(); ++i) {
    EXPECT_EQ(bundle->lines[i].text, Lines()[i]);
    EXPECT_EQ(bundle->lines[i].number, i + 2);
  }
  const auto digest = [](const std::string& line) {
    return crypto::Sha256(base::AsBytes(line));
  };
  EXPECT_EQ(bundle->lines[3].previous, base::Digest32{});
  EXPECT_EQ(bundle->lines[4].previous, digest(Version("a.one", 1)));
  EXPECT_EQ(bundle->lines[6].previous, digest(Version("a.one", 2)));
  EXPECT_EQ(bundle->lines[8].previous, base::Digest32{});
  EXPECT_EQ(bundle->lines[6].version, 3U);
  EXPECT_EQ(bundle->lines[6].attribute, "a.one");
}

// docs/formats/export-bundle.md
// clang-format off
constexpr char kExample[] =
    R"({"exported":"2026-11-20T12:00:01.000Z","format":"limpid-export/1","line":"head","operator":"limpid.example","source":"src_ucq2fi5euwtkpkfjvkv2zlnov4"})" "\n"
    R"({"attribute":"household.size","category":"https://w3id.org/dpv/pd#Household","line":"definition","schema":{"maximum":50,"minimum":1,"type":"integer"},"schema_version":1,"sensitivity":1,"title":"People in the household"})" "\n"
    R"({"attribute":"household.size","custody":"assisted","erased":"2026-11-20T12:00:00.500Z","line":"version","put":"2026-11-20T12:00:00.000Z","schema":"k1TVo6PUmqZVl84APMcKnz6o7ThvkTIJPXh0rl0NzkQ","schema_version":1,"version":1})" "\n"
    R"({"about":{"from":"2024-01-01","to":"2024-12-31"},"attribute":"household.size","custody":"assisted","line":"version","origin":{"operator":"limpid.example","source":"src_ucq2fi5euwtkpkfjvkv2zlnov4"},"put":"2026-11-20T12:00:00.250Z","schema":"k1TVo6PUmqZVl84APMcKnz6o7ThvkTIJPXh0rl0NzkQ","schema_version":1,"value":3,"version":2})" "\n"
    R"({"line":"end","lines":4,"sha256":"A5n_upvxsphAzvv-SwmRs4AlqLqc_pvPYA0wfKnJ5WQ"})" "\n";
// clang-format on

TEST(Bundle, TheExampleOfThePageIsOne) {
  const auto bundle = ReadBundle(kExample);
  ASSERT_THAT(bundle, IsOk());
  std::vector<std::string> lines;
  for (const BundleLine& line : bundle->lines) lines.emplace_back(line.text);
  EXPECT_EQ(WriteBundle(bundle->head, lines).value(), kExample);
}

TEST(Bundle, OfNothingIsOne) { EXPECT_THAT(Read({}), IsOk()); }

TEST(Bundle, CutOffAnywhereIsRefused) {
  const std::string text = Written(Lines());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ReadBundle(std::string_view(text).substr(0, size)).ok())
        << size;
  }
  EXPECT_FALSE(ReadBundle(text + "\n").ok());
  EXPECT_FALSE(ReadBundle(text + text).ok());
}

// Also bits that age does not see, because somebody encrypted it again.
TEST(Bundle, EveryFlippedBitIsRefused) {
  const std::string text = Written(Lines());
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(ReadBundle(changed).ok()) << "bit " << bit;
  }
}

TEST(Bundle, AnotherVersionOfTheFormatIsRefused) {
  const std::string text = absl::StrReplaceAll(
      Written({}), {{"limpid-export/1", "limpid-export/2"}});
  EXPECT_THAT(ReadBundle(text),
              StatusSays(absl::StatusCode::kInvalidArgument, "line 1"));
}

TEST(Bundle, NothingIsThereTwiceOrOutOfOrder) {
  EXPECT_THAT(With(1, Slot(1, "AAAA")),
              StatusSays(absl::StatusCode::kInvalidArgument, "twice"));
  EXPECT_FALSE(With(0, Slot(2, "AAAA")).ok());
  EXPECT_FALSE(With(4, Version("a.one", 1)).ok());
  EXPECT_FALSE(With(4, Version("a.one", 3)).ok());
  EXPECT_FALSE(With(3, Version("a.one", 2)).ok());
  EXPECT_FALSE(With(5, Definition("a.one")).ok());
  EXPECT_FALSE(With(7, Definition("a.one", 3)).ok());
  EXPECT_FALSE(With(7, Definition("a.a")).ok());
  EXPECT_FALSE(With(8, Slot(2, "AAAA")).ok());
  EXPECT_FALSE(With(0, Written({}).substr(0, Written({}).find('\n'))).ok());
}

TEST(Bundle, NoVersionOrDefinitionIsMissing) {
  for (std::size_t i = 2; i < Lines().size(); ++i) {
    EXPECT_FALSE(Without(i).ok()) << i;
  }
  // A slot more or less nobody can tell, but for the end.
  EXPECT_THAT(Without(0), IsOk());
}

TEST(Bundle, MembersAreThoseOfTheFormat) {
  for (std::size_t i = 0; i < Lines().size(); ++i) {
    const std::string line = Lines()[i];
    EXPECT_FALSE(
        With(i, absl::StrReplaceAll(line, {{"\"line\":", "\"l\":1,\"line\":"}}))
            .ok());
    EXPECT_FALSE(
        With(i, absl::StrReplaceAll(
                    line, {{kOrigin, "\"o\":1"}, {"\"title\"", "\"titel\""}}))
            .ok());
    EXPECT_FALSE(
        With(i, absl::StrReplaceAll(line, {{"\"line\":\"", "\"line\":\"x"}}))
            .ok());
  }
}

std::string Sealed(std::string_view sealed) {
  return absl::StrCat(
      R"({"attribute":"a.two","custody":"sealed","line":"version",)", kOrigin,
      R"(,"put":"2026-11-20T12:00:00.000Z","schema":"c2NoZW1h",)",
      R"("schema_version":1,"sealed":)", std::string(sealed),
      R"(,"version":1})");
}

// It would never open: what its slots lead to is another key.
TEST(Bundle, ASealedVersionIsUnderTheKeyOfItsSlots) {
  EXPECT_THAT(With(8, Sealed(R"({"generation":1,"key_id":"a2V5"})")), IsOk());
  // Of bundles of before, and of a key whose slots are not in it.
  EXPECT_THAT(With(8, Sealed(R"({"generation":1})")), IsOk());
  EXPECT_THAT(With(8, Sealed(R"({"generation":2,"key_id":"b3RoZXI"})")),
              IsOk());
  EXPECT_THAT(With(8, Sealed(R"({"generation":1,"key_id":"b3RoZXI"})")),
              StatusSays(absl::StatusCode::kInvalidArgument, "line 10"));
  for (const char* odd :
       {R"({"generation":1,"key_id":1})", R"({"key_id":"a2V5"})"}) {
    EXPECT_FALSE(With(8, Sealed(odd)).ok()) << odd;
  }
}

TEST(Bundle, SlotsOfOneGenerationLeadToOneKey) {
  const std::string other =
      absl::StrReplaceAll(Slot(1, "AAAB"), {{"\"a2V5\"", "\"b3RoZXI\""}});
  EXPECT_THAT(With(1, other),
              StatusSays(absl::StatusCode::kInvalidArgument, "line 3"));
  EXPECT_THAT(With(1, absl::StrReplaceAll(
                          other, {{"\"generation\":1", "\"generation\":2"}})),
              IsOk());
}

TEST(Bundle, OnlyCanonicalUtf8IsTaken) {
  const std::string line = Version("a.two", 1);
  for (const std::string& odd :
       {line + " ", absl::StrReplaceAll(line, {{":1,", ": 1,"}}),
        absl::StrReplaceAll(line, {{"old.example", "old.\xff"}}),
        absl::StrReplaceAll(line, {{"\"value\":1", "\"value\":\"\xc3\""}}),
        std::string("\xef\xbb\xbf") + line, std::string()}) {
    EXPECT_THAT(With(8, odd),
                StatusSays(absl::StatusCode::kInvalidArgument, "line 10"))
        << odd;
  }
}

TEST(Bundle, ALineThatIsTooLongIsRefused) {
  const auto of_size = [](std::size_t bytes) {
    const std::string line = Version("a.two", 1);
    const std::string longer = absl::StrReplaceAll(
        line,
        {{"\"value\":1",
          "\"value\":\"" + std::string(bytes - line.size() - 1, 'x') + "\""}});
    EXPECT_EQ(longer.size(), bytes);
    return longer;
  };
  EXPECT_THAT(With(8, of_size(kMaxBundleLineBytes)), IsOk());
  EXPECT_THAT(With(8, of_size(kMaxBundleLineBytes + 1)),
              StatusSays(absl::StatusCode::kInvalidArgument, "too long"));
}

TEST(Bundle, OneThatIsTooLargeIsNeitherWrittenNorRead) {
  const std::vector<std::string> lines(kMaxBundleBytes / kMaxBundleLineBytes,
                                       std::string(kMaxBundleLineBytes, 'x'));
  EXPECT_THAT(WriteBundle(Head(), lines),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(ReadBundle(std::string(kMaxBundleBytes + 1, 'x')),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace limpid::client
