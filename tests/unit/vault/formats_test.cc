// The worked examples of the vault's format pages, made by an independent
// program, against this code; and the pages against these examples.

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/attribute/record.h"
#include "vault/keys/aad.h"
#include "vault/keys/blind.h"
#include "vault/log/act.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;

const absl::Time kPutTime = absl::FromUnixMillis(1'795'176'000'000);

// The page without white space, so that wrapped hexadecimal is one run.
std::string Page(const std::string& name) {
  const char* root = std::getenv("LIMPID_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) +
                     "/docs/formats/" + name);
  std::stringstream text;
  text << file.rdbuf();
  std::string out;
  for (const char c : text.str()) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) out.push_back(c);
  }
  return out;
}

// The bytes are what is expected, and the page says so.
void ExpectOnPage(const std::string& page, base::ByteView bytes) {
  EXPECT_NE(Page(page).find(base::HexEncode(bytes)), std::string::npos)
      << page << " lacks " << base::HexEncode(bytes);
}

base::Bytes Hex(std::string_view text) { return base::HexDecode(text).value(); }

Owner ExampleOwner() { return {4058, HolderId(Counting<16>(0))}; }

Aad ExampleAad() {
  Aad aad;
  aad.suite = 1;
  aad.operator_name = "limpid.example";
  aad.holder = ExampleOwner().id;
  aad.attribute = "person.birth_date";
  aad.schema_version = 1;
  aad.value_version = 3;
  aad.key_id = Counting<16>(0x20);
  return aad;
}

PersonKey ExampleKey() {
  return {Counting<16>(0x30), 2, Custody::kAssisted, CountingKey(0x60)};
}

// attribute-record.md, "Worked example".
AttributeRow ExampleRow() {
  AttributeRow row;
  row.owner = ExampleOwner();
  row.id = Counting<16>(0x20);
  row.version = 3;
  row.schema_version = 1;
  row.generation = 2;
  row.put_ms = absl::ToUnixMillis(kPutTime);
  row.name_key =
      base::ToArray<16>(Hex("f5aca2db464f483959354183dee45290")).value();
  row.wrap = Hex(
      "02f9a591ec4733a437cfe481add4e090d8e70bd0d259115a61654c58f8a016872ce34146"
      "f852c137561e6cca4bd3dcbb6956140d456d395396e0fbd0bc7082697785401bc442cb65"
      "2748b6bdb32d2867dfe48df0814d0aee81fda48a7e");
  row.label = Hex(
      "027aeab1bf15b8c3d6b837de8567e5be9f728faafa6b776e7237e2642c3400b2216f491c"
      "77bd8b554195c4835647e05a96063165ada8eea909c69359eeef5181b8546a1b1ac09bc3"
      "f6184b2c05991e8dabaa12ced4efc8508b9d76970135e5fe2fa4b2839b50470b4544fc97"
      "d40a2dd01b49628aed9ad5bcac20ea5be4");
  row.payload = Hex(
      "0100010000007d02cdc72bafca46fcd648117fd7d97b95926317aaa678b6a6a264c92aeb"
      "99805a04c3da560d8d49f74d298ce8e52af9c62c5958d078758cae059d22eba75c942890"
      "18b9f826fbb6925af9dbe2c385c434bb84b5f42055fdd8ba81091315143b8807a0b030f5"
      "627dabf4c7ce98f870d17131ebee7ae6d22851b7655e320b");
  return row;
}

TEST(AadFormat, ExamplesOfThePage) {
  Aad aad = ExampleAad();
  ExpectOnPage("aad.md", aad.Encode());
  aad.kind = AadKind::kDekWrap;
  aad.generation = 2;
  ExpectOnPage("aad.md", aad.Encode());
  Aad slot;
  slot.kind = AadKind::kSlot;
  slot.suite = 1;
  slot.operator_name = "limpid.example";
  slot.holder = ExampleOwner().id;
  slot.key_id = Counting<16>(0x30);
  slot.generation = 2;
  slot.epoch = 5;
  slot.slot_kind = 1;
  ExpectOnPage("aad.md", slot.Encode());
  const std::string slot_id = base::HexEncode(Counting<16>(0x60));
  slot.kind = AadKind::kNamedSlot;
  slot.attribute = slot_id;
  slot.custody = Custody::kSealed;
  slot.slot_kind = 3;
  ExpectOnPage("aad.md", slot.Encode());
}

TEST(KeySlotFormat, OpensTheSlotOfThePage) {
  FakeKeks keks;
  const auto store = NewMemoryKeyStore();
  SlotRow row;
  row.owner = ExampleOwner();
  row.generation = 2;
  row.key_id = Counting<16>(0x30);
  row.epoch = 5;
  row.outer = Hex(
      "02481b7a3137e8ad2cd99d2268358a8355914d801c41c028c836486d6a7102d190347a5d"
      "172a8eb2a239053794986d4faa3a4b03c2c53e09abcd4fc02f32059c631c0fa010ef28e3"
      "daf2c21de575464bb55c737839d1f171e9af5891cc");
  ExpectOnPage("key-slots.md", row.outer);
  ASSERT_THAT(store->Insert(row), IsOk());
  KeyTree tree({ExampleIdentity(), crypto::Suite::kAes256Gcm, 16}, keks,
               *store);
  const auto key = tree.Find(row.owner, 0);
  ASSERT_THAT(key, IsOk());
  EXPECT_TRUE((*key)->key == CountingKey(0x60));
  EXPECT_EQ((*key)->generation, 2);
}

// Of the first version of value and label, which nothing writes any more.
TEST(RecordFormat, TheRowOfThePageIsSealedAnew) {
  const RecordCodec codec(ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305);
  const auto anew = codec.Reseal(ExampleKey(), ExampleRow());
  ASSERT_THAT(anew, IsOk());
  EXPECT_TRUE(codec.IsCurrent(*anew));
  const auto value = codec.OpenValue(ExampleKey(), *anew, "person.birth_date");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->value_json, "\"1990-02-28\"");
  EXPECT_EQ(value->about, About());
  EXPECT_EQ(value->put_time, kPutTime);
}

TEST(RecordFormat, BlindedNamesOfThePage) {
  const Blinder blinder(CountingKey(0x80));
  EXPECT_EQ(blinder.OwnerOf(ExampleOwner().id), ExampleOwner());
  const NameKey name =
      blinder.NameKeyOf(ExampleOwner().id, "person.birth_date");
  EXPECT_EQ(name, ExampleRow().name_key);
  ExpectOnPage("attribute-record.md", name);
  ExpectOnPage("attribute-record.md",
               blinder.RequestKeyOf(ExampleOwner().id, Counting<16>(0xc0)));
}

TEST(RecordFormat, OpensTheRowOfThePage) {
  const RecordCodec codec(ExampleIdentity(), crypto::Suite::kAes256Gcm);
  const AttributeRow row = ExampleRow();
  const auto value = codec.OpenValue(ExampleKey(), row, "person.birth_date");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->value_json, "\"1990-02-28\"");
  EXPECT_EQ(value->put_time, kPutTime);
  EXPECT_EQ(value->provenance, Provenance());
  const auto label = codec.OpenLabel(ExampleKey(), row);
  ASSERT_THAT(label, IsOk());
  EXPECT_EQ(label->attribute, "person.birth_date");
  // A row of before says nothing of days.
  EXPECT_EQ(value->about, About());
  EXPECT_EQ(label->about, About());
  for (const base::Bytes& part : {row.wrap, row.label, row.payload}) {
    ExpectOnPage("attribute-record.md", part);
  }
}

constexpr std::string_view kIncome =
    R"({"amount":30000,"currency":"EUR","year":2024})";
constexpr About kYear = {AboutKind::kDays, {20'240'101, 20'241'231}};

// attribute-record.md, "Worked example, version 2".
AttributeRow DatedRow() {
  AttributeRow row = ExampleRow();
  row.name_key =
      base::ToArray<16>(Hex("3a70150cd06967602f46baca272b1866")).value();
  row.wrap = Hex(
      "02c5be5847d9997bcdc5f0d8a85e24e64e0c17f4a443d8a09800f639259e2befb598da1c"
      "c4202cdfc780e4142bbaf6d198453831639c22feae44619541db1780f80aeebb49505d4e"
      "834158584980dd5e193213cc3f245785eb7d5d2874");
  row.label = Hex(
      "027fb60803111b0a6a2906d848ae235129e7ad73e5e450c52cb68c2e9862a29083d5e443"
      "ffdc853532737e1c576b3b8f4e019ddb09d09e233d6b414bb440df8cd5f301feab8a8872"
      "0b4083913c72210b92d4fa12250377145767799416e2372208dc5dfcb7e3762c9cb9af26"
      "8ed6a9587b99c71a16a7a2e5cd242ee579");
  row.payload = Hex(
      "010001000000bd02d0706b0d7e0ffaae0be714b31f901aa1def9c322934a72107754f823"
      "a537c6b19ef5043332e3f1b0317e5172d7c11a0ae8e5f6abe608036c0ab84ddd84b2130a"
      "833072d1d843b3a4fff859a8a8f3bed917afa8f6aea5087b441d611d2b9268008f4da297"
      "987ab64418438b8b6bcd08d274db3d53a6e7e9fd35d48dfb1a147cf0487042473f7257e9"
      "ece3896d1ed91f1590709344819c27ebd862ad15dd3f47d2365a0b6e7793e418254533e5"
      "0deb64e99221b574a088488638b522b5");
  return row;
}

TEST(RecordFormat, OpensTheDatedRowOfThePage) {
  const RecordCodec codec(ExampleIdentity(), crypto::Suite::kAes256Gcm);
  const AttributeRow row = DatedRow();
  const Blinder blinder(CountingKey(0x80));
  EXPECT_EQ(blinder.NameKeyOf(ExampleOwner().id, "income.annual"),
            row.name_key);
  const auto value = codec.OpenValue(ExampleKey(), row, "income.annual");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->value_json, kIncome);
  EXPECT_EQ(value->put_time, kPutTime);
  EXPECT_EQ(value->about, kYear);
  const auto label = codec.OpenLabel(ExampleKey(), row);
  ASSERT_THAT(label, IsOk());
  EXPECT_EQ(*label, (RowLabel{"income.annual", kYear}));
  ExpectOnPage("attribute-record.md", row.name_key);
  for (const base::Bytes& part : {row.wrap, row.label, row.payload}) {
    ExpectOnPage("attribute-record.md", part);
  }
}

TEST(RecordFormat, ADatedValueIsSignedWithItsDays) {
  const base::Bytes statement = ProvenanceStatement(
      ExampleIdentity().source, "income.annual", kIncome, kYear);
  EXPECT_EQ(
      base::HexEncode(statement),
      "196c696d7069642f7661756c742f70726f76656e616e63652f32a0a1a2a3a4a5a6a7a8a9"
      "aaabacadaeaf0000000d696e636f6d652e616e6e75616c4c0a632ebc62a10630ce197336"
      "2fd4c21026211e471c7e84090c313b4f27df7e010134d6e50134db4f");
  ExpectOnPage("attribute-record.md", statement);
}

TEST(RecordFormat, ProvenanceStatementOfThePage) {
  ExpectOnPage("attribute-record.md",
               ProvenanceStatement(ExampleIdentity().source,
                                   "person.birth_date", "\"1990-02-28\"", {}));
}

Act ExampleAct() {
  Act act;
  act.counter = 1;
  act.source = ExampleIdentity().source;
  act.holder = ExampleOwner().id;
  act.attribute = "person.birth_date";
  act.schema_version = 1;
  act.value_version = 3;
  act.key_id = Counting<16>(0x20);
  act.body = Counting<32>(0xd0);
  act.time = kPutTime;
  return act;
}

TEST(VaultLogFormat, ExampleOfThePage) {
  const base::Bytes act = ExampleAct().Encode();
  ExpectOnPage("vault-log.md", act);
  const base::Digest32 commitment = CommitAct(Counting<32>(0x10), act);
  ExpectOnPage("vault-log.md", commitment);
  ExpectOnPage("vault-log.md", NextHead(base::Digest32(), commitment));
}

TEST(VaultLogFormat, ActAndDisclosureRoundTripAndRefuseDamage) {
  const base::Bytes act = ExampleAct().Encode();
  ASSERT_THAT(Act::Decode(act), IsOk());
  EXPECT_EQ(*Act::Decode(act), ExampleAct());
  const base::Bytes disclosure = Disclosure{Counting<32>(0x10), act}.Encode();
  ASSERT_THAT(Disclosure::Decode(disclosure), IsOk());
  for (std::size_t size = 0; size < disclosure.size(); ++size) {
    EXPECT_FALSE(
        Disclosure::Decode(base::ByteView(disclosure).first(size)).ok());
  }
  base::Bytes longer = act;
  longer.push_back(0);
  EXPECT_FALSE(Act::Decode(longer).ok());
  base::Bytes unknown = act;
  unknown[std::string_view("limpid/vault/act/1").size() + 1] = 99;
  EXPECT_FALSE(Act::Decode(unknown).ok());
}

TEST(VaultLogFormat, EveryBitOfActAndOpeningChangesTheCommitment) {
  const base::Bytes act = ExampleAct().Encode();
  const base::Digest32 whole = CommitAct(Counting<32>(0x10), act);
  for (std::size_t bit = 0; bit < act.size() * 8; ++bit) {
    base::Bytes changed = act;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_NE(CommitAct(Counting<32>(0x10), changed), whole);
  }
  EXPECT_NE(CommitAct(Counting<32>(0x11), act), whole);
}

}  // namespace
}  // namespace limpid::vault
