// Which words of titles are names of products, as the register itself shows:
// a name is written with a capital inside it, or with capitals in the middle of
// sentences; a common word is not. Pure functions.

#ifndef LIMPID_ALGOREGISTER_MATCHING_TITLE_WORDS_H_
#define LIMPID_ALGOREGISTER_MATCHING_TITLE_WORDS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace limpid::algoregister {

// Runs of letters and digits; everything from U+0080 counts as a letter.
std::vector<std::string> WordsOf(std::string_view text);
// The words in lower case (A to Z), with single blanks: what makes two titles
// the same.
std::string NormalTitle(std::string_view title);

// Titles that say what is done, whoever does it with whatever: data, from the
// national registers.
bool IsKnownGenericTitle(std::string_view normal_title);
// A company that makes such systems, as one word in lower case, from the
// templates that vendors give to bodies and from the registers.
bool IsKnownVendorWord(std::string_view word);

// Thread-compatible.
class WordUse {
 public:
  // Counts the words of a running text, those that begin a sentence excepted.
  // The same text counts once, however often it comes: templates are copied.
  void Read(std::string_view prose);
  // Whether `word`, as a title writes it, is the name of something.
  [[nodiscard]] bool IsName(std::string_view word) const;

 private:
  struct Count {
    int capital = 0;
    int small = 0;
  };
  // By word in lower case.
  std::map<std::string, Count, std::less<>> counts_;
  std::map<std::string, bool, std::less<>> read_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MATCHING_TITLE_WORDS_H_
