#include "clients/cli/demo/story.h"

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::cli {

void Story::Chapter(std::string_view title) {
  if (check_) return;
  terminal_.Line("");
  terminal_.Heading(title);
}

absl::Status Story::Step(std::string_view name, std::string_view sentence,
                         absl::FunctionRef<absl::Status()> body) {
  if (!check_) {
    terminal_.Line(absl::StrCat(step_count_ + 1, ". ", base::ToAbsl(sentence)));
  }
  const absl::Status status = body();
  if (!status.ok()) {
    terminal_.Line(absl::StrCat("FAILED ", base::ToAbsl(name)));
    return {status.code(),
            absl::StrCat(base::ToAbsl(name), ": ", status.message())};
  }
  ++step_count_;
  if (check_) terminal_.Line(absl::StrCat("ok ", base::ToAbsl(name)));
  return absl::OkStatus();
}

void Story::Say(std::string_view text) {
  if (!check_) terminal_.Line(absl::StrCat("     ", Clean(text)));
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
