// limpid person sources|link-source|unlink-source|holdings|rectify.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/source_client.h"
#include "common/base/status_macros.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

constexpr std::size_t kMaxProofBytes = 4096;

struct None {};
struct LinkOptions {
  std::string source;
  std::string proof_file;
  std::vector<std::string> referenced;
  std::vector<std::string> computed;
};
struct SourceOptions {
  std::string source;
};
struct RectifyOptions {
  std::string source;
  std::string attribute;
  std::string value;
};

// JSON as it is; anything else is taken as text, as `person put` does.
std::string AsJson(const std::string& given) {
  if (json::ParseStrict(given).ok()) return given;
  auto text = json::Value::FromText(given);
  return text.ok() ? json::Canonical(*text) : given;
}

std::string ModeName(v1::SourceMode mode) {
  return ShortName(v1::SourceMode_Name(mode), "SOURCE_MODE_");
}

void ShowLinks(const v1::ListSourcesResponse& listed, Terminal& terminal) {
  std::vector<Row> rows;
  for (const v1::SourceLink& link : listed.links()) {
    for (const v1::LinkedAttribute& one : link.attributes()) {
      rows.push_back({Clean(link.source()), one.attribute(),
                      ModeName(one.mode()), Moment(link.link_time())});
    }
  }
  terminal.Table({"linked", "attribute", "mode", "since"}, rows);
}

absl::StatusOr<Report> List(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::SourceClient sources(*parts.vault_connection);
  LIMPID_ASSIGN_OR_RETURN(const auto listed, sources.List());
  const std::string key =
      jose::PublicJwk(parts.key->key().PublicKey()).Thumbprint();
  const std::string vault = parts.trust->source_id;
  json::Value out = ToJson(listed);
  out.Set("device_key", key).Set("vault", vault);
  return Report{std::move(out), [listed, key, vault](Terminal& terminal) {
                  const auto rows = RowsOf(
                      listed.sources(), [](const v1::Source& one) -> Row {
                        return {Clean(one.name()), Clean(one.title()),
                                Joined(one.attributes())};
                      });
                  terminal.Table({"source", "title", "can be asked"}, rows);
                  ShowLinks(listed, terminal);
                  terminal.Line(absl::StrCat(
                      "To be linked, show a source who you are on its own "
                      "page, and give it these two names: of your key ",
                      key, ", of your vault ", vault, "."));
                }};
}

absl::StatusOr<Report> Link(const LinkOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(std::string proof,
                          ReadTextFile(options.proof_file, kMaxProofBytes));
  while (!proof.empty() && (proof.back() == '\n' || proof.back() == '\r')) {
    proof.pop_back();
  }
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  std::vector<v1::LinkedAttribute> attributes;
  const auto add = [&](const std::string& name, v1::SourceMode mode) {
    v1::LinkedAttribute& one = attributes.emplace_back();
    one.set_attribute(name);
    one.set_mode(mode);
  };
  for (const std::string& one : options.referenced) {
    add(one, v1::SOURCE_MODE_REFERENCED);
  }
  for (const std::string& one : options.computed) {
    add(one, v1::SOURCE_MODE_COMPUTED);
  }
  client::SourceClient sources(*parts.vault_connection);
  LIMPID_ASSIGN_OR_RETURN(const auto linked,
                          sources.Link(options.source, proof, attributes));
  return Report{
      ToJson(linked), [linked](Terminal& terminal) {
        const std::string source = Clean(linked.link().source());
        terminal.Line(absl::StrCat(
            "Linked to ", source,
            ". Services that you allow get what it says when they read; your "
            "vault keeps none of it. ",
            source,
            " sees when you are read and for what purpose, not by whom. Take "
            "it back with `limpid person unlink-source ",
            source, "`."));
      }};
}

absl::StatusOr<Report> Unlink(const SourceOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::SourceClient sources(*parts.vault_connection);
  LIMPID_ASSIGN_OR_RETURN(const auto done, sources.Unlink(options.source));
  return Report{ToJson(done), [options](Terminal& terminal) {
                  terminal.Line(absl::StrCat(
                      "Unlinked from ", options.source,
                      ": it is not asked about you any more. What it knows "
                      "stays there; what services got stays with them."));
                }};
}

absl::StatusOr<Report> Holdings(const SourceOptions& options,
                                Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::SourceClient sources(*parts.vault_connection);
  LIMPID_ASSIGN_OR_RETURN(const auto held, sources.Holdings(options.source));
  return Report{
      ToJson(held), [held](Terminal& terminal) {
        const auto rows =
            RowsOf(held.holdings(), [](const v1::Holding& one) -> Row {
              return {Clean(one.attribute()), Moment(one.as_of_time())};
            });
        terminal.Table({"attribute", "as of"}, rows);
      }};
}

absl::StatusOr<Report> Rectify(const RectifyOptions& options,
                               Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::SourceClient sources(*parts.vault_connection);
  LIMPID_ASSIGN_OR_RETURN(
      const auto answer,
      sources.RequestRectification(options.source, options.attribute,
                                   AsJson(options.value)));
  return Report{ToJson(answer), [answer](Terminal& terminal) {
                  if (answer.outcome() == v1::RECTIFICATION_OUTCOME_DONE) {
                    terminal.Line("It is put right.");
                    return;
                  }
                  if (answer.outcome() == v1::RECTIFICATION_OUTCOME_ACCEPTED) {
                    terminal.Line("It is being looked at; ask again later.");
                    return;
                  }
                  terminal.Line(absl::StrCat(
                      "Refused: ",
                      ShortName(v1::RectificationGround_Name(answer.ground()),
                                "RECTIFICATION_GROUND_"),
                      " (", Clean(answer.law()),
                      "). You may complain to the supervisory authority."));
                }};
}

}  // namespace

void AddSourceCommands(CLI::App& person, Session& session) {
  AddCommand<None>(person, session, "sources",
                   "List the sources your vault can ask, and your links", List);
  auto [link, linking] = AddCommand<LinkOptions>(
      person, session, "link-source",
      "Let your vault ask a source for attributes that it does not keep", Link);
  link->add_option("source", linking->source)->required();
  link->add_option("--proof-file", linking->proof_file,
                   "what the source gave you; - reads standard input")
      ->required();
  link->add_option("--attribute", linking->referenced,
                   "asked for when it is read, and not kept");
  link->add_option("--computed", linking->computed,
                   "the same, and only answers of derivations leave the vault");
  auto [unlink, unlinking] = AddCommand<SourceOptions>(
      person, session, "unlink-source", "Take a link to a source back", Unlink);
  unlink->add_option("source", unlinking->source)->required();
  auto [holdings, of] = AddCommand<SourceOptions>(
      person, session, "holdings",
      "List what a source, or your vault itself, holds of you", Holdings);
  holdings->add_option("source", of->source, "\"vault\" is your vault")
      ->required();
  auto [rectify, asking] = AddCommand<RectifyOptions>(
      person, session, "rectify", "Ask a source to put something right",
      Rectify);
  rectify->add_option("source", asking->source, "\"vault\" is your vault")
      ->required();
  rectify->add_option("attribute", asking->attribute)->required();
  rectify->add_option("value", asking->value, "JSON, or plain text")
      ->required();
}

}  // namespace limpid::cli
