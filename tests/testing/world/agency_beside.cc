#include "tests/testing/world/agency_beside.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/cpp/source_client.h"
#include "common/base/bytes.h"
#include "server/provision/provision.h"
#include "tests/testing/world/require.h"

namespace limpid::testing {

namespace v1 = limpid::vault::v1;

AgencyBeside::AgencyBeside(World& world, std::filesystem::path directory)
    : world_(world), directory_(std::move(directory)) {
  receiver_ = std::make_unique<HttpsReceiver>(
      tls_.server(),
      [this](const ReceivedRequest& request) { return Answer(request); }, 0,
      tls_.client_ca_pem());
  agency_ = std::make_unique<TestAgency>(
      absl::StrCat("https://localhost:", receiver_->port(), "/limpid"));
  Configure();
}

void AgencyBeside::Delay(absl::Duration delay) {
  const base::MutexLock lock(mutex_);
  delay_ = delay;
}

Reply AgencyBeside::Answer(const ReceivedRequest& request) {
  Reply out;
  {
    const base::MutexLock lock(mutex_);
    out.delay = delay_;
  }
  const std::size_t begin = std::string("POST /limpid").size();
  const AgencyReply reply = agency_->Answer(
      request.line.substr(begin, request.line.find(' ', begin) - begin),
      request.body);
  out.status = reply.status;
  out.body = reply.body;
  out.headers = absl::StrCat("Content-Type: ", reply.content_type, "\r\n");
  return out;
}

std::string AgencyBeside::Write(const std::string& name,
                                const std::string& text) const {
  const auto file = directory_ / name;
  std::ofstream(file) << text;
  // A private key is among them, and is read only if it is kept from others.
  std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_write);
  return file.string();
}

void AgencyBeside::Configure() {
  const TestCertificate shown = tls_.IssueService("vault");
  Write("agency-ca.pem", tls_.server_ca_pem());
  Write("vault.pem", shown.certificate_pem);
  Write("vault.key", shown.private_key_pem);
  const std::string sources = Write(
      "sources.toml",
      absl::StrCat(
          "[[source]]\nname = \"tax\"\ntitle = \"Tax administration\"\n"
          "kind = \"agency\"\nurl = \"",
          agency_->issuer(),
          "\"\nca = \"agency-ca.pem\"\ncertificate = \"vault.pem\"\n"
          "private_key = \"vault.key\"\nkeys = [\"",
          base::Base64UrlEncode(agency_->key().bytes),
          "\"]\nattributes = [\"income.annual\", \"person.birth_date\"]\n"));
  const auto file = world_.directory() / std::string(server::layout::kConfig);
  std::string text = ReadText(file);
  const int replaced =
      absl::StrReplaceAll({{"sources_file = \"\"",
                            absl::StrCat("sources_file = \"", sources, "\"")}},
                          &text);
  Require(replaced == 1 ? absl::OkStatus()
                        : absl::NotFoundError("no line for sources"),
          "config");
  std::ofstream(file) << text;
  world_.Restart();
}

std::string AgencyBeside::LinkFor(const std::string& subject,
                                  const crypto::Ed25519PublicKey& key) const {
  return agency_->LinkFor(subject, world_.trust().source_id, key,
                          world_.clock().Now());
}

void AgencyBeside::Link(const std::string& subject, Person& person,
                        const std::vector<std::string>& attributes) {
  std::vector<v1::LinkedAttribute> linked;
  for (const std::string& attribute : attributes) {
    v1::LinkedAttribute& one = linked.emplace_back();
    one.set_attribute(attribute);
    one.set_mode(v1::SOURCE_MODE_REFERENCED);
  }
  client::SourceClient sources(person.vault_connection());
  (void)Require(
      sources.Link("tax", LinkFor(subject, person.key().key().PublicKey()),
                   linked),
      "link");
}

}  // namespace limpid::testing
