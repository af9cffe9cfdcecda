#include "algoregister/profile/export.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/profile/csv.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row_writer.h"
#include "algoregister/registration/ids.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Indented further, without the final line end. JSON has no line ends inside
// its texts.
std::string Indented(const Value& value, std::string_view indent) {
  const std::string text = json::Pretty(value);
  std::string out(indent);
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    out.push_back(text[i]);
    if (text[i] == '\n') out += indent;
  }
  return out;
}

constexpr std::string_view kStep = "  ";

// "Header" of "Header#2".
std::string_view BareHeader(std::string_view foreign) {
  const std::size_t at = foreign.rfind('#');
  const bool numbered = at != std::string_view::npos &&
                        at + 2 == foreign.size() && foreign.back() >= '2' &&
                        foreign.back() <= '9';
  return numbered ? foreign.substr(0, at) : foreign;
}

}  // namespace

std::string Exporter::Begin() {
  switch (profile_.layout) {
    case Layout::kCsv: {
      std::vector<std::string> header;
      for (const Column& column : profile_.columns) {
        header.emplace_back(BareHeader(column.foreign));
      }
      return CsvLine(header);
    }
    case Layout::kJsonList:
      if (profile_.list_member.empty()) return "[";
      return "{\n  " + json::Canonical(Value(profile_.list_member)) + ": [";
    case Layout::kDocument:
      break;
  }
  return {};
}

std::string Exporter::Add(const ExportItem& item,
                          const OrganisationNames& names,
                          std::vector<Dropped>& dropped) {
  if (item.registration.kind != profile_.kind) {
    dropped.push_back({.registration = item.registration,
                       .pointer = "",
                       .reason = "no such kind there"});
    return {};
  }
  std::optional<Value> row = RowWriter(profile_, item, names, dropped).Run();
  if (!row) return {};
  switch (profile_.layout) {
    case Layout::kCsv: {
      ++count_;
      std::vector<std::string> cells;
      for (const Value& cell : row->elements()) cells.push_back(cell.string());
      return CsvLine(cells);
    }
    case Layout::kJsonList:
      return AddJson(*row);
    case Layout::kDocument:
      break;
  }
  return AddDocument(*std::move(row));
}

std::string Exporter::AddJson(const Value& row) {
  const std::string indent(
      profile_.list_member.empty() ? kStep.size() : 2 * kStep.size(), ' ');
  return (count_++ == 0 ? "\n" : ",\n") + Indented(row, indent);
}

std::string Exporter::AddDocument(Value document) {
  if (count_++ == 0) {
    first_ = std::move(document);
    return {};
  }
  std::string out;
  if (first_) {
    out = "[\n" + Indented(*first_, kStep);
    first_.reset();
  }
  return out + ",\n" + Indented(document, kStep);
}

std::string Exporter::End() {
  if (profile_.layout == Layout::kCsv) return {};
  if (profile_.layout == Layout::kDocument) {
    if (count_ == 0) return "[]\n";
    return first_ ? json::Pretty(*first_) : "\n]\n";
  }
  if (profile_.list_member.empty()) return count_ == 0 ? "]\n" : "\n]\n";
  return count_ == 0 ? "]\n}\n" : "\n  ]\n}\n";
}

}  // namespace limpid::algoregister
