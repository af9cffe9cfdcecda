// limpid answer: the keys that a vault signs answers with, and what a signed
// answer says to whoever is shown it.

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/answer_keys.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

struct None {};
struct VerifyOptions {
  std::string file;
  std::string keys;
  std::string audience;
  std::string certificate;
};

absl::StatusOr<Report> Keys(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  LIMPID_ASSIGN_OR_RETURN(const client::AnswerKeys keys,
                          client::ListAnswerKeys(*connection));
  const std::string text = keys.Text();
  LIMPID_ASSIGN_OR_RETURN(json::Value out, json::ParseStrict(text));
  return Report{std::move(out), [text](Terminal& terminal) {
                  // As --keys takes it.
                  terminal.Line(text);
                }};
}

absl::StatusOr<client::AnswerShownTo> ShownTo(const VerifyOptions& options,
                                              const base::Clock& clock) {
  client::AnswerShownTo out{clock.Now()};
  std::string audience = options.audience;
  if (!options.certificate.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const std::string thumbprint,
                            ThumbprintOf(options.certificate));
    audience = base::Base64UrlEncode(base::AsBytes(thumbprint));
  }
  if (audience.empty()) return out;
  const auto bytes = base::Base64UrlDecode(audience);
  const auto digest = bytes.ok()
                          ? base::ToArray<32>(*bytes)
                          : absl::StatusOr<base::Digest32>(bytes.status());
  if (!digest.ok()) {
    return WrongUsage(absl::InvalidArgumentError(
        "--audience: 32 bytes in base64url, the SHA-256 of the public key in "
        "the service's certificate"));
  }
  out.audience = *digest;
  return out;
}

Report AnswerReport(const jose::AttestedAnswer& answer) {
  const std::string audience = base::Base64UrlEncode(answer.audience);
  const std::string id = base::Base64UrlEncode(answer.id);
  const std::string parameters = json::Canonical(answer.parameters);
  const std::string value = json::Canonical(answer.value);
  json::Value out = json::Value::Object();
  out.Set("verified", true)
      .Set("vault", answer.issuer)
      .Set("given_to", audience)
      .Set("id", id)
      .Set("attribute", answer.attribute)
      .Set("derivation", answer.derivation)
      .Set("parameters", answer.parameters)
      .Set("value", answer.value)
      .Set("from", base::TimeText(answer.issued_at))
      .Set("until", base::TimeText(answer.expires_at));
  return Report{
      std::move(out),
      [answer, audience, id, parameters, value](Terminal& terminal) {
        terminal.Line(
            "The answer verified: the vault said so. It does not say who the "
            "person is, whether what she put there is true, nor whether it was "
            "shown before.");
        terminal.Facts({{"vault", answer.issuer},
                        {"given to", audience},
                        {"attribute", answer.attribute},
                        {"question", answer.derivation + " " + parameters},
                        {"answer", value},
                        {"from", base::TimeText(answer.issued_at)},
                        {"until", base::TimeText(answer.expires_at)},
                        {"id", id}});
      }};
}

absl::StatusOr<Report> Verify(const VerifyOptions& options, Session& session) {
  const auto key_text = ReadTextFile(options.keys);
  if (!key_text.ok()) return StateBroken(key_text.status());
  const auto keys = client::AnswerKeys::Parse(*key_text);
  if (!keys.ok()) return StateBroken(keys.status());
  LIMPID_ASSIGN_OR_RETURN(const client::AnswerShownTo to,
                          ShownTo(options, session.clock()));
  const auto text = ReadTextFile(options.file);
  if (!text.ok()) return StateBroken(text.status());
  // An editor's newline is not part of it.
  const std::string answer(absl::StripAsciiWhitespace(*text));
  LIMPID_ASSIGN_OR_RETURN(const jose::AttestedAnswer verified,
                          client::VerifyAnswer(answer, *keys, to));
  return AnswerReport(verified);
}

}  // namespace

void AddAnswerCommands(CLI::App& app, Session& session) {
  CLI::App* const group = app.add_subcommand(
      "answer", "Check signed answers of a vault that a service shows you");
  group->require_subcommand(1);
  AddCommand<None>(*group, session, "keys",
                   "Ask a vault for the keys that it signs answers with", Keys);
  auto [verify, options] = AddCommand<VerifyOptions>(
      *group, session, "verify", "Verify one, without asking any server",
      Verify);
  verify
      ->add_option("file", options->file,
                   "file with the answer; - reads standard input")
      ->required();
  verify
      ->add_option("--keys", options->keys,
                   "what `limpid answer keys` printed, from the vault and not "
                   "from whoever shows the answer")
      ->required();
  auto* const audience = verify->add_option(
      "--audience", options->audience,
      "key of the service that shows it, SHA-256 in base64url");
  verify
      ->add_option("--service-certificate", options->certificate,
                   "its certificate instead, a PEM file")
      ->excludes(audience);
}

}  // namespace limpid::cli
