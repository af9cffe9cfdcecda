// MIM5, audiences: the same question asked by three is answered by three views,
// one within the other, and what is kept back is seen to be there.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/restricted_client.h"
#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim5/rows.h"
#include "tests/conformance/mim5/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim5 {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;
using Names = std::set<std::string>;

// A body with a certificate that an administrator registers as a reader.
class Reader {
 public:
  explicit Reader(const std::vector<std::string>& audiences)
      : side_(Server().AddPublisher(
            "mim5-" + base::HexEncode(crypto::RandomArray<8>()))) {
    const auto admin = client::Connect(Server().admin_channel());
    EXPECT_THAT(admin, IsOk());
    v1::RestrictedReader reader;
    reader.set_name("Reader of the suite");
    for (const std::string& one : audiences) reader.add_audiences(one);
    reader.add_certificate_thumbprints(base::ToText(
        crypto::SpkiThumbprint(side_.channel.certificate_pem).value()));
    EXPECT_THAT(client::RestrictedClient(**admin).CreateReader(reader), IsOk());
  }

  client::Connection& connection() { return *side_.connection; }

 private:
  testing::PublisherSide side_;
};

// Names of the parts that `reader` opens, checked against the leaf.
Names Opened(Reader& reader, const std::string& id) {
  const auto parts = client::RestrictedClient(reader.connection()).Get(id, 0);
  EXPECT_THAT(parts, IsOk());
  Names out;
  if (!parts.ok()) return out;
  for (const auto& one : parts->disclosures()) {
    out.insert(one.pointer().substr(sizeof("/restricted/") - 1));
  }
  return out;
}

TEST_F(Mim5, ThreeAudiencesSeeNestedViewsAndWhatIsMissing) {
  Cite({"L:TE-2", kMims2022,
        "three audiences see nested views, gaps with reasons"});
  Value content = Content("Fraud signals");
  Set(content, "status", Value("in_use"));
  Restrict(content, "methods", {"auditor", "regulator"}, Value());
  Restrict(content, "goal", {"auditor"}, Value());
  Value parts = *content.Find("restricted");
  for (const char* const field : {"methods", "goal"}) {
    const Value text = Value::Object(
        {{"origin", Value("human")}, {"text", Value("kept back here")}});
    parts.Set(field, Value::Object({{"state", Value("given")},
                                    {"value", Value::Object({{"en", text}})}}));
  }
  content.Set("restricted", parts);
  const std::string id = Publish(v1::REGISTRATION_KIND_DEPLOYMENT, content);

  // Everybody: the open fields, and of the others that they exist, for whom, on
  // which ground, by whose authority and until when.
  const auto open = register_.Get(id, 0);
  ASSERT_THAT(open, IsOk());
  EXPECT_EQ(open->version().restricted_field_count(), 2);
  EXPECT_EQ(open->SerializeAsString().find("kept back here"),
            std::string::npos);
  const Value shown = Public(id);
  EXPECT_EQ(shown.FindPointer("/fields/status/value")->string(), "in_use");
  for (const char* const field : {"methods", "goal"}) {
    const Value* const stub =
        shown.FindPointer(std::string("/fields/") + field);
    ASSERT_NE(stub, nullptr) << field;
    EXPECT_EQ(stub->GetString("state").value(), "withheld");
    EXPECT_EQ(stub->GetString("ground").value(), "how fraud is found");
    EXPECT_EQ(stub->GetString("authority").value(), "the executive");
    EXPECT_FALSE(stub->Find("audience")->elements().empty());
  }

  Reader regulator({"regulator"});
  Reader auditor({"auditor"});
  Reader court({"court"});
  EXPECT_EQ(Opened(court, id), Names{});
  EXPECT_EQ(Opened(regulator, id), Names{"methods"});
  EXPECT_EQ(Opened(auditor, id), (Names{"goal", "methods"}));
  // Somebody whom nobody registered has the public view alone.
  EXPECT_THAT(client::RestrictedClient(*publisher_.connection).Get(id, 0),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(client::RestrictedClient(*anonymous_).Get(id, 0),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace limpid::mim5
