#include "algoregister/evidence/plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister::evidence {
namespace {

using base::ToAbsl;

// In units of the drawing.
constexpr int kWidth = 720;
constexpr int kLabelWidth = 240;
constexpr int kRight = 24;
constexpr int kTop = 48;
constexpr int kRowHeight = 32;
constexpr int kAxisHeight = 40;
// What fits into the room for labels at the size of the text.
constexpr std::size_t kLabelBytes = 32;

// For text and for attributes. What XML 1.0 cannot hold is left out.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) >= ' ') {
      out += c;
    }
  }
  return out;
}

// Cut between characters.
std::string Short(std::string_view text) {
  if (text.size() <= kLabelBytes) return std::string(text);
  std::size_t end = kLabelBytes;
  constexpr unsigned kMask = 0xC0;
  constexpr unsigned kContinues = 0x80;
  while (end > 0 &&
         (static_cast<unsigned char>(text[end]) & kMask) == kContinues) {
    --end;
  }
  return absl::StrCat(ToAbsl(text.substr(0, end)), "…");
}

struct Bar {
  std::string group;
  bool reference = false;
  MetricValue value;
};

std::string Number(double value) { return absl::StrFormat("%.3f", value); }

std::string Sentence(const Bar& bar) {
  std::string out = bar.group;
  if (bar.reference) out += " (reference)";
  if (!bar.value.value) {
    return absl::StrCat(out, ": undefined, ", bar.value.reason, ".");
  }
  absl::StrAppend(&out, ": ", Number(*bar.value.value));
  if (bar.value.interval) {
    absl::StrAppend(&out, ", interval ", Number(bar.value.interval->low),
                    " to ", Number(bar.value.interval->high));
  }
  return out + ".";
}

// The axis: 0 and 1 at least, so that plots of rates are compared at a glance.
class Scale {
 public:
  explicit Scale(const std::vector<Bar>& bars) {
    for (const Bar& bar : bars) {
      if (bar.value.value) Include(*bar.value.value);
      if (!bar.value.interval) continue;
      Include(bar.value.interval->low);
      Include(bar.value.interval->high);
    }
  }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }
  [[nodiscard]] double At(double value) const {
    return kLabelWidth +
           (value - low_) / (high_ - low_) * (kWidth - kLabelWidth - kRight);
  }

 private:
  void Include(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  double low_ = 0;
  double high_ = 1;
};

void DrawAxis(const Scale& scale, int height, std::string& out) {
  constexpr int kTicks = 5;
  for (int tick = 0; tick < kTicks; ++tick) {
    const double value =
        scale.low() + (scale.high() - scale.low()) * tick / (kTicks - 1);
    absl::StrAppendFormat(
        &out,
        "<line x1=\"%.2f\" y1=\"%d\" x2=\"%.2f\" y2=\"%d\" "
        "stroke=\"#b0b0b0\"/>\n"
        "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%.2f</text>\n",
        scale.At(value), kTop, scale.At(value), height - kAxisHeight,
        scale.At(value), height - kAxisHeight / 2, value);
  }
}

void DrawBar(const Bar& bar, const Scale& scale, int y, std::string& out) {
  absl::StrAppend(&out, "<g><title>", Escaped(Sentence(bar)), "</title>\n");
  absl::StrAppendFormat(
      &out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\"%s>%s</text>\n",
      kLabelWidth - 12, y + 5, bar.reference ? " font-weight=\"bold\"" : "",
      Escaped(Short(bar.group)));
  if (bar.value.interval) {
    absl::StrAppendFormat(&out,
                          "<line x1=\"%.2f\" y1=\"%d\" x2=\"%.2f\" y2=\"%d\" "
                          "stroke=\"#1a4f8b\" stroke-width=\"2\"/>\n",
                          scale.At(bar.value.interval->low), y,
                          scale.At(bar.value.interval->high), y);
  }
  if (bar.value.value) {
    absl::StrAppendFormat(
        &out, "<circle cx=\"%.2f\" cy=\"%d\" r=\"5\" fill=\"#1a4f8b\"/>\n",
        scale.At(*bar.value.value), y);
  } else {
    absl::StrAppendFormat(&out, "<text x=\"%d\" y=\"%d\">undefined</text>\n",
                          kLabelWidth + 8, y + 5);
  }
  out += "</g>\n";
}

std::string Draw(const std::vector<Bar>& bars, std::string_view title,
                 const MetricSpec& metric) {
  const Scale scale(bars);
  const int height =
      kTop + static_cast<int>(bars.size()) * kRowHeight + kAxisHeight;
  std::string out = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
      "role=\"img\" aria-labelledby=\"title desc\" font-family=\"sans-serif\" "
      "font-size=\"14\" fill=\"#202020\">\n",
      kWidth, height);
  absl::StrAppend(&out, "<title id=\"title\">", Escaped(title),
                  "</title>\n<desc id=\"desc\">", Escaped(metric.id), " = ",
                  Escaped(metric.formula), ".");
  for (const Bar& bar : bars) {
    absl::StrAppend(&out, " ", Escaped(Sentence(bar)));
  }
  absl::StrAppend(&out, "</desc>\n");
  absl::StrAppendFormat(&out,
                        "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n"
                        "<text x=\"12\" y=\"28\" font-size=\"18\">%s</text>\n",
                        kWidth, height, Escaped(title));
  DrawAxis(scale, height, out);
  int y = kTop + kRowHeight / 2;
  for (const Bar& bar : bars) {
    DrawBar(bar, scale, y, out);
    y += kRowHeight;
  }
  out += "</svg>\n";
  return out;
}

absl::StatusOr<const Grouping*> GroupingOf(const Evidence& evidence,
                                           std::string_view attribute) {
  if (!attribute.empty()) {
    const Grouping* const found = evidence.Find(attribute);
    if (found != nullptr) return found;
  } else if (evidence.groupings.size() == 1) {
    return &evidence.groupings.front();
  }
  return absl::NotFoundError(
      attribute.empty() ? "there are several groupings, or none: name one"
                        : "the evidence has no such grouping");
}

}  // namespace

absl::StatusOr<std::string> PlotMetric(const Evidence& evidence,
                                       const MetricSpec& metric,
                                       std::string_view attribute) {
  LIMPID_ASSIGN_OR_RETURN(const Grouping* const grouping,
                          GroupingOf(evidence, attribute));
  if (metric.scope == Scope::kAcross) {
    return absl::FailedPreconditionError(
        "the metric is about all groups together");
  }
  std::vector<Bar> bars;
  for (const Group& group : grouping->groups) {
    MetricValue value = ComputeMetric(metric, evidence, *grouping, group.name);
    if (value.lacking) return absl::FailedPreconditionError(value.reason);
    bars.push_back({.group = group.name,
                    .reference = grouping->reference == group.name,
                    .value = std::move(value)});
  }
  return Draw(bars,
              absl::StrCat(ToAbsl(metric.id), " by ", grouping->attribute),
              metric);
}

}  // namespace limpid::algoregister::evidence
