#include "common/receipt/service_copy.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/wire.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusIs;

class ServiceCopyTest : public ::testing::Test {
 protected:
  // What one person granted to service number `n`.
  static ReceiptBody BodyFor(char n) {
    ReceiptBody out;
    const auto id = [n](std::string_view prefix) {
      return std::string(prefix) + std::string(26, n);
    };
    out.access = id("acc_");
    out.agreement = id("agr_");
    out.agreement_hash.fill(static_cast<std::uint8_t>(n));
    out.commitment = crypto::RandomArray<32>();
    out.id = id("rcp_");
    out.lines = {
        {.attribute = "person.name", .form = 1, .reason = Reason::kReleased},
        {.attribute = "health.allergies"}};
    out.notice_hash.fill(static_cast<std::uint8_t>(n + 7));
    out.operator_name = "city";
    out.purpose = "https://w3id.org/dpv#Purpose";
    out.record = id("rec_");
    out.revision = 77;
    out.service = id("svc_");
    out.statement_hash = crypto::RandomArray<32>();
    out.time = absl::FromUnixMillis(1'767'225'600'000 + (n * 1'234L));
    out.log_by = out.time + absl::Seconds(60);
    out.type = ReceiptType::kGrant;
    return out;
  }

  ServiceCopy CopyOf(const ReceiptBody& body) {
    return MakeServiceCopy(body, {.epoch = 3, .time = body.time, .key = key_},
                           [] { return crypto::RandomArray<32>(); });
  }

  [[nodiscard]] bool Accepts(std::string_view file) const {
    const auto parsed = ServiceCopy::Parse(file);
    return parsed.ok() && VerifyServiceCopy(*parsed, key_.PublicKey()).ok();
  }

  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
};

TEST_F(ServiceCopyTest, VerifiesOfflineAndShowsWhatWasGranted) {
  const ReceiptBody body = BodyFor('a');
  const auto parsed = ServiceCopy::Parse(CopyOf(body).ToFile());
  ASSERT_THAT(parsed, IsOk());
  const auto fields = VerifyServiceCopy(*parsed, key_.PublicKey());
  ASSERT_THAT(fields, IsOk());
  EXPECT_EQ(fields->at("service").string(), body.service);
  EXPECT_EQ(fields->at("line:person.name").GetString("form").value(), "full");
  EXPECT_EQ(fields->size(), 12U);
}

TEST_F(ServiceCopyTest, NeverShowsSequenceStatementPersonOrUngrantedLines) {
  const ReceiptBody body = BodyFor('a');
  const std::string file = CopyOf(body).ToFile();
  for (const std::string& secret :
       {body.access, body.id, std::string("health.allergies"),
        std::string("revision"), std::string("statement"), std::string("77"),
        base::Base64UrlEncode(body.statement_hash)}) {
    EXPECT_EQ(file.find('"' + secret + '"'), std::string::npos) << secret;
  }
}

TEST_F(ServiceCopyTest, TwoServicesFindNothingToJoinOn) {
  // One operator, purpose and attribute; everything else must differ.
  const ServiceCopy a = CopyOf(BodyFor('a'));
  const ServiceCopy b = CopyOf(BodyFor('b'));
  std::set<base::Digest32> seen(a.digests.begin(), a.digests.end());
  for (const SaltedField& field : a.fields) seen.insert(field.salt);
  seen.insert(a.proof.head.root);
  for (const base::Digest32& digest : b.digests) {
    EXPECT_FALSE(seen.contains(digest));
  }
  EXPECT_FALSE(seen.contains(b.proof.head.root));
  EXPECT_NE(a.proof.signature, b.proof.signature);
  const std::set<std::string> common = {"operator", "purpose", "type",
                                        "line:person.name"};
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    EXPECT_FALSE(seen.contains(b.fields[i].salt));
    EXPECT_EQ(a.fields[i].value == b.fields[i].value,
              common.contains(a.fields[i].name))
        << a.fields[i].name;
  }
}

// No run of 12 bytes stands in both files but what both services knew.
TEST_F(ServiceCopyTest, NoRunOfBytesJoinsTwoCopies) {
  const auto bare = [](const ServiceCopy& copy) {
    ServiceCopy out = copy;
    std::erase_if(out.fields, [](const SaltedField& field) {
      return field.name == "operator" || field.name == "purpose" ||
             field.name == "type" || field.name.starts_with("line:");
    });
    std::string all;
    for (const SaltedField& field : out.fields) {
      all += base::Base64UrlEncode(field.salt) + field.value.string() + "|";
    }
    for (const auto& digest : out.digests) {
      all += base::Base64UrlEncode(digest) + "|";
    }
    // The proof behind its label: head, signature, index.
    all += base::HexEncode(out.proof.head.root);
    return all + base::HexEncode(out.proof.signature);
  };
  const std::string a = bare(CopyOf(BodyFor('a')));
  const std::string b = bare(CopyOf(BodyFor('b')));
  for (std::size_t i = 0; i + 12 <= a.size(); ++i) {
    const std::string run = a.substr(i, 12);
    // Times share their day.
    if (run.find("T00:") != std::string::npos ||
        run.find("01-01") != std::string::npos) {
      continue;
    }
    EXPECT_EQ(b.find(run), std::string::npos) << run;
  }
}

TEST_F(ServiceCopyTest, TwoCopiesForOneServiceDifferInEverySalt) {
  const ReceiptBody body = BodyFor('a');
  const ServiceCopy first = CopyOf(body);
  const ServiceCopy second = CopyOf(body);
  for (std::size_t i = 0; i < first.fields.size(); ++i) {
    EXPECT_NE(first.fields[i].salt, second.fields[i].salt);
  }
}

TEST_F(ServiceCopyTest, NumberOfDigestsHidesWhatWasWithheld) {
  ReceiptBody body = BodyFor('a');
  EXPECT_EQ(CopyOf(body).digests.size(), 32U);
  for (int i = 0; i < 10; ++i) {
    body.lines.push_back({.attribute = "x." + std::to_string(i)});
  }
  EXPECT_EQ(CopyOf(body).digests.size(), 32U);
}

TEST_F(ServiceCopyTest, AWithdrawalShowsWhichLinesEndedWithoutTheReason) {
  ReceiptBody body = BodyFor('a');
  body.type = ReceiptType::kWithdrawal;
  body.lines[0].reason = Reason::kWithdrawn;
  const ServiceCopy copy = CopyOf(body);
  const auto fields = VerifyServiceCopy(copy, key_.PublicKey());
  ASSERT_THAT(fields, IsOk());
  EXPECT_TRUE(fields->contains("line:person.name"));
  EXPECT_EQ(copy.ToFile().find("WITHDRAWN"), std::string::npos);
}

TEST_F(ServiceCopyTest, RefusesEveryFlippedBit) {
  const std::string file = CopyOf(BodyFor('a')).ToFile();
  ASSERT_TRUE(Accepts(file));
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(
        static_cast<unsigned char>(damaged[bit / 8]) ^ (1U << (bit % 8)));
    EXPECT_FALSE(Accepts(damaged)) << "bit " << bit;
  }
}

TEST_F(ServiceCopyTest, RefusesWithheldNamesOrderDoublesAndOtherBatches) {
  const ReceiptBody body = BodyFor('a');
  const ServiceCopy good = CopyOf(body);
  const auto accepts = [&](const ServiceCopy& copy) {
    return VerifyServiceCopy(copy, key_.PublicKey()).ok();
  };
  const auto resign = [&](ServiceCopy copy, std::size_t batch_size) {
    std::sort(copy.digests.begin(), copy.digests.end());
    base::ByteWriter item("limpid/receipt-service/1");
    item.U16(static_cast<std::uint16_t>(copy.digests.size()));
    for (const auto& digest : copy.digests) item.Raw(digest);
    std::vector<base::Bytes> items(batch_size, item.bytes());
    copy.proof =
        SignBatch(BatchKind::kReceipts, 3, body.time, items, key_).front();
    return copy;
  };
  EXPECT_TRUE(accepts(resign(good, 1)));
  EXPECT_FALSE(accepts(resign(good, 2)));
  ServiceCopy other = good;
  // Signed, and still nothing a service may know.
  const json::Value text("x");
  for (const SaltedField& field : std::vector<SaltedField>{
           {crypto::RandomArray<32>(), "revision", text},
           {crypto::RandomArray<32>(), "statement_hash", text},
           {crypto::RandomArray<32>(), "zone", text},
           {crypto::RandomArray<32>(), "line:x", text},
           {crypto::RandomArray<32>(), "line:x",
            json::Value::Object({{"derivation", text},
                                 {"form", text},
                                 {"parameters", text},
                                 {"reason", text}})}}) {
    other = good;
    other.fields.push_back(field);
    std::sort(other.fields.begin(), other.fields.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    other.digests.pop_back();
    other.digests.push_back(field.Digest());
    // What the dropped digest stood for must not be what is refused.
    std::erase_if(other.fields, [&](const SaltedField& one) {
      return std::find(other.digests.begin(), other.digests.end(),
                       one.Digest()) == other.digests.end();
    });
    EXPECT_FALSE(accepts(resign(other, 1))) << field.name;
  }
  other = good;
  std::swap(other.fields[0], other.fields[1]);
  EXPECT_FALSE(accepts(other));
  other = good;
  other.fields.insert(other.fields.begin(), other.fields.front());
  EXPECT_FALSE(accepts(other));
  other = good;
  other.digests.pop_back();
  EXPECT_FALSE(accepts(resign(other, 1)));
  other = good;
  other.digests.clear();
  other.fields.clear();
  EXPECT_FALSE(accepts(resign(other, 1)));
  EXPECT_THAT(VerifyServiceCopy(
                  good, crypto::Ed25519PrivateKey::Generate().PublicKey()),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ServiceCopyTest, IsNoPersonsReceiptNorTheReverse) {
  const ReceiptBody body = BodyFor('a');
  EXPECT_FALSE(Receipt::Parse(CopyOf(body).ToFile()).ok());
  Receipt person;
  person.body_json = body.Canonical();
  const std::vector<base::Bytes> items = {ReceiptItem(person.body_json)};
  person.proof =
      SignBatch(BatchKind::kReceipts, 3, body.time, items, key_).front();
  EXPECT_FALSE(ServiceCopy::Parse(person.ToFile()).ok());
}

}  // namespace
}  // namespace limpid::receipt
