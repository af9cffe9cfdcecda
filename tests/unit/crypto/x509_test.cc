#include "common/crypto/x509.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/es256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::StatusIs;

const absl::Time kBegin = absl::FromUnixSeconds(1'767'225'600);
const absl::Time kEnd = kBegin + absl::Hours(24);
const Validity kDay = {kBegin, kEnd};

// Made by `openssl req -x509` with basicConstraints alone: no key usage says
// that it is not for clients. Valid from 2026-11-20 for 100 years.
constexpr const char* kAuthorityWithoutKeyUsage =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBaTCCAQ6gAwIBAgIUVezQniafQVqdZ7XoAQfGj25Phq8wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOTWFkZSBlbHNld2hlcmUwIBcNMjYxMTIwMTIzNDEzWhgPMjEy\n"
    "NjEwMjcxMjM0MTNaMBkxFzAVBgNVBAMMDk1hZGUgZWxzZXdoZXJlMFkwEwYHKoZI\n"
    "zj0CAQYIKoZIzj0DAQcDQgAEbnF6iq7xNHnOBhRVq1uKjQZOrA+1U3O82pRaRizs\n"
    "fyK0B2ea4cSG95fyj7QHqdn4XPErlHF5VSaOrc6sC0FtFaMyMDAwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAdBgNVHQ4EFgQUrwUpra3U7OWeXEIo8m8Yz1/kgWYwCgYIKoZIzj0E\n"
    "AwIDSQAwRgIhAIHycN9qQ9esa1RMnAm342bxhBZBXdGIUye4ADq+WhpYAiEAocKG\n"
    "hZ/RyMBKjmjWDNarW8wxZZPUy6gqbT4A2Oddm0U=\n"
    "-----END CERTIFICATE-----\n";
const absl::Time kIn2030 = absl::FromUnixSeconds(1'893'456'000);

Credential Authority() { return *MakeAuthority("Test authority", kDay); }

LeafProfile ClientProfile() {
  LeafProfile profile;
  profile.common_name = "client";
  profile.validity = kDay;
  profile.client = true;
  return profile;
}

bool Issued(const std::string& leaf, const std::string& authorities,
            absl::Time now) {
  return IsIssuedBy(leaf, authorities, now).value();
}

TEST(IssueLeaf, SaysWhatTheProfileSays) {
  LeafProfile profile = ClientProfile();
  profile.common_name = "limpid test";
  profile.dns_names = {"localhost", "a.example"};
  profile.ip_addresses = {"127.0.0.1", "::1"};
  profile.uris = {"urn:limpid:test"};
  profile.server = true;
  const auto leaf = IssueLeaf(Authority(), profile);
  ASSERT_THAT(leaf, IsOk());
  const auto facts = ReadCertificate(leaf->certificate_pem);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->common_name, "limpid test");
  EXPECT_THAT(facts->dns_names, ElementsAre("localhost", "a.example"));
  EXPECT_THAT(facts->ip_addresses, ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(facts->uris, ElementsAre("urn:limpid:test"));
  EXPECT_EQ(facts->not_before, kBegin);
  EXPECT_EQ(facts->not_after, kEnd);
  EXPECT_FALSE(facts->is_authority);
  EXPECT_TRUE(ReadCertificate(Authority().certificate_pem)->is_authority);
}

TEST(IssueLeaf, MakesAKeyThatFitsTheCertificate) {
  const auto leaf = *IssueLeaf(Authority(), ClientProfile());
  EXPECT_THAT(Es256PrivateKey::FromPem(leaf.private_key_pem), IsOk());
}

TEST(IsIssuedBy, HoldsWithinTheValidityOnly) {
  const Credential authority = Authority();
  const std::string leaf =
      IssueLeaf(authority, ClientProfile())->certificate_pem;
  const std::string& anchor = authority.certificate_pem;
  EXPECT_FALSE(Issued(leaf, anchor, kBegin - absl::Seconds(1)));
  EXPECT_TRUE(Issued(leaf, anchor, kBegin));
  EXPECT_TRUE(Issued(leaf, anchor, kEnd - absl::Seconds(1)));
  EXPECT_FALSE(Issued(leaf, anchor, kEnd));
}

TEST(IsIssuedBy, RefusesAnotherAuthorityOfTheSameName) {
  const std::string leaf =
      IssueLeaf(Authority(), ClientProfile())->certificate_pem;
  EXPECT_FALSE(Issued(leaf, Authority().certificate_pem, kBegin));
}

TEST(IsIssuedBy, TakesAnyAuthorityOfABundle) {
  const Credential authority = Authority();
  const std::string leaf =
      IssueLeaf(authority, ClientProfile())->certificate_pem;
  EXPECT_TRUE(Issued(
      leaf, Authority().certificate_pem + authority.certificate_pem, kBegin));
}

TEST(IsIssuedBy, NeverTakesACertificateAsItsOwnIssuer) {
  const Credential authority = Authority();
  const std::string leaf =
      IssueLeaf(authority, ClientProfile())->certificate_pem;
  EXPECT_FALSE(
      Issued(authority.certificate_pem, authority.certificate_pem, kBegin));
  EXPECT_FALSE(Issued(leaf, leaf, kBegin));
  EXPECT_FALSE(
      Issued(kAuthorityWithoutKeyUsage, kAuthorityWithoutKeyUsage, kIn2030));
}

TEST(IsIssuedBy, RefusesAServerCertificate) {
  const Credential authority = Authority();
  LeafProfile profile = ClientProfile();
  profile.client = false;
  profile.server = true;
  const std::string leaf = IssueLeaf(authority, profile)->certificate_pem;
  EXPECT_FALSE(Issued(leaf, authority.certificate_pem, kBegin));
}

TEST(IsIssuedBy, RefusesALeafIssuedByALeaf) {
  const Credential authority = Authority();
  const Credential leaf = *IssueLeaf(authority, ClientProfile());
  EXPECT_THAT(IssueLeaf(leaf, ClientProfile()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SpkiThumbprint, NamesTheKeyNotTheCertificate) {
  const auto one = *IssueLeaf(Authority(), ClientProfile());
  const auto two = *IssueLeaf(Authority(), ClientProfile());
  EXPECT_NE(*SpkiThumbprint(one.certificate_pem),
            *SpkiThumbprint(two.certificate_pem));
  EXPECT_EQ(*SpkiThumbprint(one.certificate_pem),
            ReadCertificate(one.certificate_pem)->spki_thumbprint);
}

// The P-256 key of Wycheproof's ECDSA file; the digest by `openssl pkey
// -pubin -outform DER | sha256sum`.
TEST(SpkiThumbprint, MatchesOpensslForAPublicKey) {
  constexpr const char* kPem =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBKrsc2NXJvIT+4qeZNo7hjLkFJWp\n"
      "RNAEW1IuunJA+tWH2TFXmKqjpboBd1eHztBeqve04J/IHW0apUboNl1SXQ==\n"
      "-----END PUBLIC KEY-----\n";
  EXPECT_EQ(base::HexEncode(*SpkiThumbprint(kPem)),
            "0959b8a32ced68a78e40886d18b701098c146497c51790ce549456ddfef3ece9");
}

TEST(ReadCertificate, RefusesWhatIsNone) {
  for (const char* text : {"", "nonsense", "-----BEGIN CERTIFICATE-----\n"}) {
    EXPECT_THAT(ReadCertificate(text),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(SpkiThumbprint(text),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(IsIssuedBy(text, Authority().certificate_pem, kBegin),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  std::string damaged = Authority().certificate_pem;
  damaged.at(damaged.size() / 2) = '!';
  EXPECT_THAT(ReadCertificate(Authority().certificate_pem + damaged),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(IssueLeaf, RefusesBadProfiles) {
  const Credential authority = Authority();
  const auto refused = [&](const LeafProfile& profile) {
    EXPECT_THAT(IssueLeaf(authority, profile),
                StatusIs(absl::StatusCode::kInvalidArgument));
  };
  LeafProfile profile = ClientProfile();
  profile.common_name = "";
  refused(profile);
  profile.common_name = std::string(kMaxCommonNameBytes + 1, 'a');
  refused(profile);
  profile = ClientProfile();
  profile.client = false;
  refused(profile);
  profile = ClientProfile();
  profile.validity = {kEnd, kEnd};
  refused(profile);
  for (const char* name : {"", "A.example", "a..b", ".a", "a,DNS:b", "a b"}) {
    profile = ClientProfile();
    profile.dns_names = {name};
    refused(profile);
  }
  profile = ClientProfile();
  profile.ip_addresses = {"1.2.3"};
  refused(profile);
  profile = ClientProfile();
  profile.uris = {"no scheme"};
  refused(profile);
}

TEST(MakeAuthority, RefusesBadNames) {
  EXPECT_THAT(MakeAuthority("", kDay),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeAuthority("\xff", kDay),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CheckKeyPair, TellsWhichOneDoesNotFit) {
  const auto text = [](const Credential& of) {
    return base::ToText(of.private_key_pem.Reveal(base::SecretAccess::Get()));
  };
  const Credential one = *IssueLeaf(Authority(), ClientProfile());
  const Credential other = *IssueLeaf(Authority(), ClientProfile());
  EXPECT_THAT(CheckKeyPair(one.certificate_pem, text(one)), IsOk());
  EXPECT_THAT(CheckKeyPair(one.certificate_pem, text(other)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckKeyPair(one.certificate_pem, "no key"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckKeyPair("no certificate", text(one)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::crypto
