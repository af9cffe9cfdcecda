// The worked example of docs/formats/push.md, and what must fail.

#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/jose/jwk.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "consent/push/push_rows.h"
#include "consent/push/security_event.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::IdOf;
using testing::kStart;

// RFC 8037 appendix A.
constexpr std::string_view kSeed =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr std::string_view kJti = "w1TiD4sAA_y3AQEuaQ25Ow";
constexpr std::string_view kToken =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImtQcktfcW14VldhWVZBOXd3QkY2SXVvM3ZWen"
    "o3VHhIQ1R3WEJ5Z3JTNGsiLCJ0eXAiOiJzZWNldmVudCtqd3QifQ.eyJhdWQiOiJzd"
    "mNfYW1icWdheWRhbWJxZ2F5ZGFtYnFnYXlkYW0iLCJldmVudHMiOnsidXJuOmxpbXB"
    "pZDpldmVudDpyZWNvcmQtY2hhbmdlZCI6eyJhZ3JlZW1lbnQiOnsiaWQiOiJhZ3JfY"
    "XFjYWliYWVhcWNhaWJhZWFxY2FpYmFlYXEiLCJ2ZXJzaW9uIjoxfSwiYXR0cmlidXR"
    "lcyI6WyJwZXJzb24ubmFtZSIsInBlcnNvbi5iaXJ0aF9kYXRlIl0sInJlY29yZCI6I"
    "nJlY19hZWFxY2FpYmFlYXFjYWliYWVhcWNhaWJhZSIsInJldmlzaW9uIjoyLCJzdGF"
    "0ZSI6IkdSQU5URUQiLCJ0aW1lIjoiMjAyNi0wMS0wMVQwMDowMDowMC4wMDBaIn19L"
    "CJpYXQiOjE3NjcyMjU2MDEsImlzcyI6ImxpbXBpZC5leGFtcGxlIiwianRpIjoidzF"
    "UaUQ0c0FBX3kzQVFFdWFRMjVPdyIsInN1Yl9pZCI6eyJmb3JtYXQiOiJvcGFxdWUiL"
    "CJpZCI6IkJRVUZCUVVGQlFVRkJRVUZCUVVGQlEifX0.86-eAi39FZID3po1eB1G6qT"
    "2YBes7IGWg1nYA16NOVxCler_F87GbmGfsRQ7A_HngAp5rW9BRgqlT8nZQ4NGBA";
constexpr std::string_view kEndpoint =
    "166c696d7069642f707573682d656e64706f696e742f3103030303030303030303"
    "0303030303030000001468747470733a2f2f636172652e6578616d706c65000000"
    "00000000000000000000000000000000000000000000000000000000000000019b"
    "76daa8000000001b68747470733a2f2f636172652e6578616d706c652f6576656e"
    "74730000019b76daa80000000001";
constexpr std::string_view kProgress =
    "166c696d7069642f707573682d70726f67726573732f3103030303030303030303"
    "030303030303000000000000000700000000000000090100000003000000030000"
    "019b76daa8000000019b76dab7a00800000100000000000000090000019b76daa8"
    "000000";
constexpr std::string_view kLetter =
    "146c696d7069642f707573682d6c65747465722f31030303030303030303030303"
    "030303030000000000000008010901000000010000019b76daa800";

crypto::Ed25519PrivateKey Signer() {
  return crypto::Ed25519PrivateKey::FromSeed(
             base::SecretBytes::Copy(base::HexDecode(kSeed).value()))
      .value();
}

Blinder ExampleBlinder() {
  base::ByteArray<32> key{};
  key.fill(1);
  return {base::SecretBytes::Copy(key), base::SecretBytes::Copy(key)};
}

StreamEvent ExampleEvent() {
  StreamEvent out;
  out.record = IdOf<RecordId>(1);
  out.pseudonym.fill(5);
  out.state = RecordState::kGranted;
  out.revision = 2;
  out.time = kStart;
  out.agreement = IdOf<AgreementId>(4);
  out.agreement_version = 1;
  out.attributes = {"person.name", "person.birth_date"};
  return out;
}

std::string Signed(const StreamEvent& event) {
  return SignSecurityEvent(Signer(),
                           {"limpid.example", IdOf<ServiceId>(3), kJti,
                            kStart + absl::Milliseconds(1'999)},
                           event);
}

// What its payload says of the event.
json::Value EventIn(const std::string& token) {
  const auto payload = jose::VerifyCompact(
      token, jose::PublicJwk(Signer().PublicKey()), kSecurityEventType);
  EXPECT_THAT(payload, IsOk());
  const json::Value claims = json::ParseStrict(payload.value()).value();
  return claims.GetObject("events").value().GetObject(kRecordChanged).value();
}

PushEndpoint ExampleEndpoint() {
  PushEndpoint out;
  out.service = IdOf<ServiceId>(3);
  out.origin = "https://care.example";
  out.origin_set = kStart;
  out.url = "https://care.example/events";
  out.registered = kStart;
  out.generation = 1;
  return out;
}

PushProgress ExampleProgress() {
  PushProgress out;
  out.service = IdOf<ServiceId>(3);
  out.since = 7;
  out.cursor = 9;
  out.trouble = PushTrouble{3,
                            3,
                            kStart,
                            kStart + absl::Seconds(4),
                            {PushFailure::kServerError, PushRejection::kNone}};
  out.recent = {{9, kStart}};
  return out;
}

PushLetter ExampleLetter() {
  PushLetter out;
  out.service = IdOf<ServiceId>(3);
  out.position = 8;
  out.verdict = {PushFailure::kRejected, PushRejection::kInvalidRequest};
  out.attempts = 1;
  out.last = kStart;
  return out;
}

TEST(SecurityEvent, IsTheExampleOfTheFormatPage) {
  EXPECT_EQ(
      SecurityEventId(ExampleBlinder(), IdOf<ServiceId>(3), ExampleEvent()),
      kJti);
  EXPECT_EQ(Signed(ExampleEvent()), kToken);
}

TEST(SecurityEvent, EveryEventAndServiceHasAnIdOfItsOwn) {
  const Blinder blinder = ExampleBlinder();
  StreamEvent other = ExampleEvent();
  other.time += absl::Milliseconds(1);
  EXPECT_NE(SecurityEventId(blinder, IdOf<ServiceId>(3), other), kJti);
  EXPECT_NE(SecurityEventId(blinder, IdOf<ServiceId>(2), ExampleEvent()), kJti);
}

TEST(SecurityEvent, AttributesAreThereWhileGranted) {
  EXPECT_EQ(
      EventIn(Signed(ExampleEvent())).GetArray("attributes").value(),
      json::ParseStrict(R"(["person.name","person.birth_date"])").value());
  StreamEvent withdrawn = ExampleEvent();
  withdrawn.state = RecordState::kWithdrawn;
  const json::Value event = EventIn(Signed(withdrawn));
  EXPECT_FALSE(event.GetArray("attributes").ok());
  EXPECT_EQ(event.GetString("state").value(), "WITHDRAWN");
}

TEST(SecurityEvent, TheLargestEventFits) {
  StreamEvent event = ExampleEvent();
  event.attributes.assign(64, std::string(128, 'a'));
  const std::string token = Signed(event);
  EXPECT_LE(token.size(), kMaxSecurityEventBytes);
  const jose::PublicJwk key(Signer().PublicKey());
  EXPECT_THAT(jose::VerifyCompact(token, key, kSecurityEventType,
                                  kMaxSecurityEventBytes),
              IsOk());
  // Readers of other tokens take no more than they did.
  EXPECT_THAT(jose::VerifyCompact(token, key, kSecurityEventType),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(PushRows, AreTheExamplesOfTheFormatPage) {
  EXPECT_EQ(base::HexEncode(ExampleEndpoint().Encode()), kEndpoint);
  EXPECT_EQ(base::HexEncode(ExampleProgress().Encode()), kProgress);
  EXPECT_EQ(base::HexEncode(ExampleLetter().Encode()), kLetter);
}

TEST(PushRows, ReadBackWhatWasWritten) {
  PushProgress full = ExampleProgress();
  for (std::uint64_t i = 0; i < 3 * kMaxPushSpans; ++i) {
    full.Remember({100 + 2 * i, kStart + absl::Seconds(i)});
    full.cursor = 100 + 2 * i;
    full.Begin(101 + 2 * i);
  }
  EXPECT_EQ(full.recent.size(), kRecentDeliveries);
  EXPECT_EQ(full.past.size(), kMaxPushSpans);
  EXPECT_EQ(full.recent.back().position, 290U);
  for (const PushProgress& one : {ExampleProgress(), full, PushProgress()}) {
    EXPECT_EQ(PushProgress::Decode(one.Encode()).value(), one);
  }
  EXPECT_EQ(PushEndpoint::Decode(ExampleEndpoint().Encode()).value(),
            ExampleEndpoint());
  EXPECT_EQ(PushLetter::Decode(ExampleLetter().Encode()).value(),
            ExampleLetter());
}

template <typename Row>
void ExpectOnlyTheWhole(const base::Bytes& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(Row::Decode(base::ByteView(bytes).first(size)),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
  base::Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_THAT(Row::Decode(longer), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(PushRows, PartsAndLeftoversAreDamage) {
  ExpectOnlyTheWhole<PushEndpoint>(ExampleEndpoint().Encode());
  ExpectOnlyTheWhole<PushProgress>(ExampleProgress().Encode());
  ExpectOnlyTheWhole<PushLetter>(ExampleLetter().Encode());
}

TEST(PushRows, NumbersOutsideTheListsAreDamage) {
  PushLetter letter = ExampleLetter();
  for (const int number : {0, 11}) {
    letter.verdict.failure = static_cast<PushFailure>(number);
    EXPECT_FALSE(PushLetter::Decode(letter.Encode()).ok()) << number;
  }
  letter = ExampleLetter();
  letter.verdict.rejection = static_cast<PushRejection>(8);
  EXPECT_FALSE(PushLetter::Decode(letter.Encode()).ok());
  for (const int number : {0, 5}) {
    letter = ExampleLetter();
    letter.state = static_cast<LetterState>(number);
    EXPECT_FALSE(PushLetter::Decode(letter.Encode()).ok()) << number;
  }
  PushProgress progress = ExampleProgress();
  progress.trouble->verdict.failure = PushFailure::kNone;
  EXPECT_FALSE(PushProgress::Decode(progress.Encode()).ok());
}

TEST(PushRows, AreSealedForTheirPlace) {
  base::ByteArray<32> bytes{};
  bytes.fill(2);
  const auto key = base::SecretBytes::Copy(bytes);
  const Blinder blinder = ExampleBlinder();
  PublicRow row = RowOf(key, blinder, ExampleLetter());
  EXPECT_EQ(row.id.size(), 24U);
  EXPECT_THAT(OpenPublic(key, row), IsOk());
  PublicRow moved = row;
  moved.id.back() ^= 1U;
  EXPECT_THAT(OpenPublic(key, moved), StatusIs(absl::StatusCode::kDataLoss));
  // Which service it is must not be read from the row's name.
  const std::string id(base::AsText(row.id));
  const std::string service(base::AsText(IdOf<ServiceId>(3).bytes()));
  EXPECT_EQ(id.find(service), std::string::npos);
}

}  // namespace
}  // namespace limpid::consent
