// Takes an HTML fragment apart into text, tags and what is to be passed over.
// For rich_text.cc alone. Every byte is looked at a bounded number of times.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_HTML_SCANNER_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_HTML_SCANNER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace limpid::algoregister {

struct HtmlPiece {
  enum class Type { kText, kOpen, kClose };
  Type type = Type::kText;
  // Lower case, of a tag.
  std::string name;
  // Entities resolved, of a text.
  std::string text;
};

class HtmlScanner {
 public:
  // `html` must outlive the scanner.
  explicit HtmlScanner(std::string_view html) : html_(html) {}

  // The next piece; nothing at the end.
  std::optional<HtmlPiece> Next();

 private:
  // Each tries what begins at at_ and moves behind it.
  bool Comment();
  std::optional<HtmlPiece> Tag();
  std::string Text();
  // Behind the '>' that ends the tag or declaration at at_, or npos.
  std::size_t EndOfTag();
  // Moves behind the end tag of `name`, or to the end.
  void PassOver(std::string_view name);

  std::string_view html_;
  std::size_t at_ = 0;
  // Set once a search to the end found nothing: it is not made again.
  bool quotes_end_ = true;
  bool tags_end_ = true;
  bool comments_end_ = true;
};

// The character that an entity at the start of `text` ("&eacute;", "&#233;",
// "&#xe9;") stands for, as UTF-8, and its length; nothing if it is none.
struct Entity {
  std::string character;
  std::size_t size = 0;
};
std::optional<Entity> EntityAt(std::string_view text);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_HTML_SCANNER_H_
