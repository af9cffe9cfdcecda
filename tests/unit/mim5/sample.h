// Answers of a vendor who has done everything well, to damage in tests.

#ifndef LIMPID_TESTS_UNIT_MIM5_SAMPLE_H_
#define LIMPID_TESTS_UNIT_MIM5_SAMPLE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "common/json/json.h"
#include "common/json/value.h"
#include "common/mim5/tender.h"

namespace limpid::mim5 {

inline json::Value Json(std::string_view text) {
  return json::ParseStrict(text).value();
}

inline Documents GoodVendor() {
  Documents out;
  out[Document::kAdm] = Json(R"({"schema":"limpid-mim5-adm/1",
    "subject":{"kind":"system","id":"adviser-3","name":"Adviser"},
    "generated":"2026-11-30T12:00:00.000Z","complete":true,
    "uses_automated_decision_making":"yes","level":"support","decisions":[
     {"about":{"kind":"system","id":"adviser-3","name":"Adviser"},
      "uses_automated_decision_making":"yes","level":"support",
      "decides_about_persons":"yes","status":"in_use","risk":"high_risk"}]})");
  out[Document::kAlgorithms] = Json(R"({"schema":"limpid-mim5-algorithms/1",
    "subject":{"kind":"system","id":"adviser-3","name":"Adviser"},
    "generated":"2026-11-30T12:00:00.000Z","complete":true,"algorithms":[
     {"about":{"kind":"system","id":"adviser-3","name":"Adviser"},
      "purpose":{"en":{"origin":"human","text":"Orders letters by subject."}},
      "how_it_works":{},"learning":"none",
      "data":[{"title":"Letters of 2025","use":"test"}]}]})");
  out[Document::kCertifications] =
      Json(R"({"schema":"limpid-mim5-certifications/1",
    "subject":{"kind":"system","id":"adviser-3","name":"Adviser"},
    "generated":"2026-11-30T12:00:00.000Z","complete":true,"certifications":[
     {"id":"c1","title":"Certificate 1",
      "about":{"kind":"system","id":"adviser-3","name":"Adviser"},
      "certifier":"Examiners","scheme":"ISO/IEC 42001","result":"certified",
      "issued_on":"2025-01-01","expires_on":"2026-11-30","state":"valid",
      "independent":"yes",
      "link":{"url":"https://example.org/c1","state":"works"}}],
    "validations":[
     {"about":{"kind":"system","id":"adviser-3","name":"Adviser"},
      "status":"in_use","risk":"high_risk",
      "independent_validation":"allowed","blocked":false}]})");
  return out;
}

// Replaces what is at `pointer`, which is there or below an object.
inline json::Value With(const json::Value& value, std::string_view pointer,
                        const json::Value& put) {
  if (pointer.empty()) return put;
  const std::size_t end = pointer.find('/', 1);
  const std::string_view key = pointer.substr(1, end - 1);
  const std::string_view rest =
      end == std::string_view::npos ? "" : pointer.substr(end);
  if (value.is_array()) {
    json::Value out = json::Value::Array();
    std::size_t index = 0;
    for (const json::Value& one : value.elements()) {
      out.Append(std::to_string(index++) == key ? With(one, rest, put) : one);
    }
    return out;
  }
  json::Value out = value;
  const json::Value* const below = value.Find(key);
  out.Set(key,
          With(below == nullptr ? json::Value::Object() : *below, rest, put));
  return out;
}

}  // namespace limpid::mim5

#endif  // LIMPID_TESTS_UNIT_MIM5_SAMPLE_H_
