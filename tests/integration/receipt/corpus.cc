// receipt_corpus DIR: writes receipts, good and damaged, with what the C++
// verifier says of each, and the keys to judge them with. The Python verifier
// judges the same files (judges_test.py).

#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/json/json.h"
#include "tests/integration/receipt/sample.h"

namespace limpid::receipt {
namespace {

using base::Bytes;
using json::Value;

struct File {
  std::string name;
  std::string text;
};

class Corpus {
 public:
  // `sample` must outlive this.
  explicit Corpus(const Sample& sample) : sample_(sample) {}

  std::vector<File> Make() {
    Good();
    Structure();
    Proofs();
    Entries();
    Lies();
    Numbers();
    Copies();
    return std::move(files_);
  }

 private:
  void Add(std::string name, std::string text) {
    files_.push_back({std::move(name), std::move(text)});
  }

  // The logged receipt's file with one member put in its place.
  [[nodiscard]] std::string With(std::string_view key, Value value) const {
    Value file = json::ParseStrict(sample_.Logged().ToFile()).value();
    file.Set(key, std::move(value));
    return json::Canonical(file);
  }

  // The same text with its first `from` replaced.
  [[nodiscard]] std::string Replaced(std::string_view from,
                                     std::string_view to) const {
    std::string text = sample_.Logged().ToFile();
    const std::size_t at = text.find(from);
    LIMPID_CHECK(at != std::string::npos);
    return text.replace(at, from.size(), to);
  }

  void Good() {
    Add("good-logged", sample_.Logged().ToFile());
    Add("good-durable", sample_.Durable().ToFile());
    Receipt copy = sample_.Logged();
    copy.opening.reset();
    copy.entry.clear();
    Add("good-without-opening", copy.ToFile());
    Add("good-pretty",
        json::Pretty(json::ParseStrict(sample_.Logged().ToFile()).value()));
    Receipt more = sample_.Logged();
    more.log_proof += "\u2014 other.example/log AAAAAAAA\n";
    Add("good-unknown-cosigner", more.ToFile());
    Add("good-real-spelling", Replaced("\"revision\":3", "\"revision\":3.0"));
    Add("good-empty-log", With("log", Value("")));
    AccessEntry entry = Sample::Entry();
    entry.kind = AccessKind::kWithdrawn;
    Add("good-withdrawal",
        sample_.OfEntry(entry.Encode(), ReceiptType::kWithdrawal).ToFile());
    entry.kind = AccessKind::kReleaseDecided;
    Add("good-access",
        sample_.OfEntry(entry.Encode(), ReceiptType::kAccess).ToFile());
  }

  void Structure() {
    const std::string text = sample_.Logged().ToFile();
    Add("bad-empty", "");
    Add("bad-array", "[]");
    Add("bad-trailing", text + "x");
    Add("good-space-around", " \n" + text + "\t");
    Add("bad-nul", text + std::string(1, '\0'));
    Add("bad-bom", "\xEF\xBB\xBF" + text);
    Add("bad-unknown-member", With("other", Value(1)));
    Add("bad-log-type", With("log", Value(1)));
    Add("bad-doubled-member", R"({"proof":"",)" + text.substr(1));
    Add("bad-doubled-in-body",
        Replaced("\"receipt\":{", R"("receipt":{"id":"",)"));
    Add("bad-unknown-in-body",
        Replaced("\"receipt\":{", R"("receipt":{"other":"",)"));
    Add("bad-not-utf8", Replaced(R"("operator":"city)", "\"operator\":\"\xff"));
    Add("bad-surrogate",
        Replaced(R"("operator":"city)", R"("operator":"\ud83d)"));
    Add("good-escaped-spelling",
        Replaced(R"("operator":"city)", R"("operator":"\u0063ity)"));
    for (const char* const key : {"receipt", "proof", "entry", "opening"}) {
      Value less = json::ParseStrict(text).value();
      less.Remove(key);
      Add(std::string("bad-without-") + key, json::Canonical(less));
    }
    Value less = json::ParseStrict(text).value();
    less.Remove("log");
    Add("good-without-log", json::Canonical(less));
  }

  void Proofs() {
    Receipt other = sample_.Logged();
    other.proof.head.kind = BatchKind::kPermits;
    Add("bad-permit-proof", other.ToFile());
    other = sample_.SignedAs(BatchKind::kPermits);
    Add("bad-signed-as-permit", other.ToFile());
    other = sample_.Logged();
    other.proof.signature.fill(1);
    Add("bad-signature", other.ToFile());
    other = sample_.Logged();
    other.proof.index += 1;
    Add("bad-index", other.ToFile());
    other = sample_.Logged();
    other.proof.path.emplace_back();
    Add("bad-long-path", other.ToFile());
    other.proof.path.resize(33);
    Add("bad-path-over-the-limit", other.ToFile());
    other = sample_.Logged();
    Bytes longer = other.proof.Encode();
    longer.push_back(0);
    Add("bad-proof-left-over",
        With("proof", Value(base::Base64UrlEncode(longer))));
    Add("bad-proof-padded",
        With("proof",
             Value(base::Base64UrlEncode(other.proof.Encode()) + "=")));
    Add("bad-log-of-another", With("log", Value(Sample::OtherLeafProof())));
    Add("bad-log-of-another-log", With("log", Value(sample_.OtherLogProof())));
    Add("bad-log-cut",
        With("log", Value(sample_.Logged().log_proof.substr(0, 90))));
    std::string log = sample_.Logged().log_proof;
    Add("good-log-extra",
        With("log", Value(log.insert(log.find('\n') + 1, "extra AAAA\n"))));
    log = sample_.Logged().log_proof;
    Add("bad-log-index-zero-led",
        With("log", Value(log.replace(log.find("index ") + 6, 0, "0"))));
    log = sample_.Logged().log_proof;
    Add("bad-log-cr", With("log", Value(log.insert(log.find('\n'), "\r"))));
  }

  void Entries() {
    Receipt other = sample_.Logged();
    (*other.opening)[0] = static_cast<std::uint8_t>((*other.opening)[0] ^ 1U);
    Add("bad-opening", other.ToFile());
    other = sample_.Logged();
    other.entry.push_back(0);
    Add("bad-entry", other.ToFile());
    // Committed and signed, and still not an entry.
    Bytes entry = sample_.Logged().entry;
    entry.push_back(0);
    Add("bad-committed-left-over", sample_.OfEntry(entry).ToFile());
    entry = sample_.Logged().entry;
    // The kind, behind its label; four numbers stand for nothing yet.
    for (const int kind : {0, 25, 26, 29, 32, 255}) {
      entry[22] = static_cast<std::uint8_t>(kind);
      Add("bad-committed-kind-" + std::to_string(kind),
          sample_.OfEntry(entry).ToFile());
    }
    Add("bad-committed-empty", sample_.OfEntry({}).ToFile());
  }

  // Signed and committed, and the entry says something else than the body.
  void Lies() {
    AddLie("kind-withdrawn",
           [](auto& entry) { entry.kind = AccessKind::kWithdrawn; });
    AddLie("kind-without-a-receipt",
           [](auto& entry) { entry.kind = AccessKind::kRestored; });
    AddLie("access", [](auto& entry) { ++entry.access[15]; });
    AddLie("access-none", [](auto& entry) { entry.access = {}; });
    AddLie("record", [](auto& entry) { ++entry.record[0]; });
    AddLie("record-none", [](auto& entry) { entry.record = {}; });
    AddLie("revision", [](auto& entry) { ++entry.revision; });
    AddLie("service", [](auto& entry) { ++entry.service[0]; });
    AddLie("service-none", [](auto& entry) { entry.service = {}; });
    AddLie("time", [](auto& entry) { entry.time -= absl::Milliseconds(1); });
    AddLie("purpose", [](auto& entry) { entry.purpose.pop_back(); });
    AddLie("line-gone", [](auto& entry) { entry.lines.pop_back(); });
    AddLie("line-more",
           [](auto& entry) { entry.lines.push_back(entry.lines[0]); });
    AddLie("lines-order",
           [](auto& entry) { std::swap(entry.lines[0], entry.lines[2]); });
    AddLie("line-attribute",
           [](auto& entry) { entry.lines[0].attribute += "s"; });
    AddLie("line-attribute-not-utf8",
           [](auto& entry) { entry.lines[0].attribute += '\xff'; });
    AddLie("line-form", [](auto& entry) { entry.lines[0].form = 3; });
    AddLie("line-derivation",
           [](auto& entry) { entry.lines[1].derivation.clear(); });
    AddLie("line-parameters",
           [](auto& entry) { entry.lines[1].parameters = R"({"n":16})"; });
    AddLie("line-reason",
           [](auto& entry) { entry.lines[2].reason = Reason::kLimit; });
  }
  void AddLie(const std::string& name,
              const std::function<void(AccessEntry&)>& lie) {
    AccessEntry entry = Sample::Entry();
    lie(entry);
    Add("bad-entry-says-" + name, sample_.OfEntry(entry.Encode()).ToFile());
  }

  void Numbers() {
    const std::string_view three = "\"revision\":3";
    for (const std::string_view text :
         {"3.5", "-3", "9007199254740993", "1e400", "1e-400", "03", "+3", "NaN",
          "\"3\"", "true", "null", "[]"}) {
      Add("bad-revision-" + base::HexEncode(base::AsBytes(text)),
          Replaced(three, "\"revision\":" + std::string(text)));
    }
    for (const std::string_view text :
         {"2026-01-01T00:00:00Z", "2026-02-30T00:00:00.000Z",
          "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00.000+00:00",
          "2026-01-01T24:00:00.000Z", ""}) {
      Receipt other = sample_.Logged();
      Value body = json::ParseStrict(other.body_json).value();
      body.Set("time", text);
      Add("bad-time-" + base::HexEncode(base::AsBytes(text)),
          sample_.SignedBody(json::Canonical(body)).ToFile());
    }
    Value body = json::ParseStrict(sample_.Logged().body_json).value();
    body.Set("type", "erasure");
    Add("bad-signed-type", sample_.SignedBody(json::Canonical(body)).ToFile());
    body = json::ParseStrict(sample_.Logged().body_json).value();
    body.Remove("operator");
    Add("bad-signed-missing",
        sample_.SignedBody(json::Canonical(body)).ToFile());
  }

  void Copies() {
    const ServiceCopy copy = sample_.Copy();
    Add("good-copy", copy.ToFile());
    ServiceCopy other = copy;
    other.fields.erase(other.fields.begin());
    Add("good-copy-with-less", other.ToFile());
    std::swap(other.fields[0], other.fields[1]);
    Add("bad-copy-order", other.ToFile());
    other = copy;
    other.fields[0].salt[0] =
        static_cast<std::uint8_t>(~other.fields[0].salt[0]);
    Add("bad-copy-salt", other.ToFile());
    other = copy;
    other.fields[0].value = Value("agr_other");
    Add("bad-copy-value", other.ToFile());
    other = copy;
    other.digests.pop_back();
    Add("bad-copy-digest-gone", other.ToFile());
    other = copy;
    other.proof = sample_.Durable().proof;
    Add("bad-copy-with-a-receipts-proof", other.ToFile());
    Add("bad-copy-spaced",
        json::Pretty(json::ParseStrict(copy.ToFile()).value()));
    for (const auto& [name, text] : sample_.OverDisclosing()) {
      Add("bad-copy-discloses-" + name, text);
    }
  }

  const Sample& sample_;
  std::vector<File> files_;
};

bool Accepts(const Sample& sample, std::string_view text) {
  // As the command line tells them apart.
  if (const auto copy = ServiceCopy::Parse(text); copy.ok()) {
    return sample.VerifyCopy(*copy);
  }
  const auto parsed = Receipt::Parse(text);
  return parsed.ok() && sample.Verify(*parsed).ok();
}

// How many single-bit flips of `text` verify. None should.
std::size_t AcceptedFlips(const Sample& sample, const std::string& text) {
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(
        static_cast<unsigned char>(damaged[bit / 8]) ^ (1U << (bit % 8)));
    if (Accepts(sample, damaged)) ++accepted;
  }
  return accepted;
}

// Whether C++ itself judges every file as its name says.
bool Write(const std::filesystem::path& directory) {
  const Sample sample;
  bool as_named = true;
  std::ofstream(directory / "evidence-key") << sample.EvidenceKeyText();
  std::ofstream(directory / "vkey") << Sample::Vkey();
  std::ofstream verdicts(directory / "verdicts");
  for (const File& file : Corpus(sample).Make()) {
    std::ofstream(directory / (file.name + ".json"), std::ios::binary)
        << file.text;
    const bool accepted = Accepts(sample, file.text);
    verdicts << file.name << ' ' << (accepted ? "verified" : "refused") << '\n';
    if (accepted == file.name.starts_with("good-")) continue;
    std::cerr << "not as its name says: " << file.name << '\n';
    as_named = false;
  }
  const std::size_t flips = AcceptedFlips(sample, sample.Logged().ToFile()) +
                            AcceptedFlips(sample, sample.Copy().ToFile());
  if (flips != 0) std::cerr << flips << " flipped bits verify\n";
  return as_named && flips == 0;
}

}  // namespace
}  // namespace limpid::receipt

int main(int argc, char** argv) {
  try {
    const std::span<char*> given(argv, static_cast<std::size_t>(argc));
    if (given.size() == 2 && limpid::receipt::Write(given[1])) {
      return EXIT_SUCCESS;
    }
  } catch (const std::exception& error) {
    std::cerr << "receipt_corpus: " << error.what() << '\n';
  }
  return EXIT_FAILURE;
}
