#include "clients/cli/demo/story.h"

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::cli {

void Story::Chapter(std::string_view title) {
  if (telling_ != Telling::kTale) return;
  terminal_.Line("");
  terminal_.Heading(title);
}

void Story::Outcome(std::string_view name, bool ok) {
  if (telling_ == Telling::kJson) {
    json::Value line = json::Value::Object();
    line.Set("ok", ok);
    line.Set("step", std::string(name));
    terminal_.Line(json::Canonical(line));
  } else if (!ok || telling_ == Telling::kLines) {
    terminal_.Line(absl::StrCat(ok ? "ok " : "FAILED ", base::ToAbsl(name)));
  }
}

absl::Status Story::Step(std::string_view name, std::string_view sentence,
                         absl::FunctionRef<absl::Status()> body) {
  if (telling_ == Telling::kTale) {
    terminal_.Line(absl::StrCat(step_count_ + 1, ". ", base::ToAbsl(sentence)));
  }
  const absl::Status status = body();
  Outcome(name, status.ok());
  if (!status.ok()) {
    return {status.code(),
            absl::StrCat(base::ToAbsl(name), ": ", status.message())};
  }
  ++step_count_;
  return absl::OkStatus();
}

void Story::Say(std::string_view text) {
  if (telling_ != Telling::kTale) return;
  terminal_.Line(absl::StrCat("     ", Clean(text)));
}

absl::Status Expect(bool holds, std::string_view fact) {
  if (holds) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("expected that ", base::ToAbsl(fact)));
}

absl::Status ExpectCode(const absl::Status& status, absl::StatusCode code,
                        std::string_view fact) {
  if (status.code() == code) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "expected that ", base::ToAbsl(fact), ", but the answer was ",
      absl::StatusCodeToString(status.code()), " ", status.message()));
}

}  // namespace limpid::cli
