// Word stems of the languages that registers here are written in, by Snowball
// (libstemmer), whose types stay behind this header.

#ifndef LIMPID_ALGOREGISTER_SEARCH_STEMMER_H_
#define LIMPID_ALGOREGISTER_SEARCH_STEMMER_H_

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct sb_stemmer;

namespace limpid::algoregister::search {

enum class Language { kDutch, kEnglish };
inline constexpr std::array kLanguages = {Language::kDutch, Language::kEnglish};

// Thread-compatible: each thread needs one of its own. Cheap to make.
class Stemmers {
 public:
  Stemmers();
  ~Stemmers();
  Stemmers(const Stemmers&) = delete;
  Stemmers& operator=(const Stemmers&) = delete;

  // The stem of a folded word (text.h). A word that is no word of the language
  // has a stem all the same.
  std::string Stem(Language language, std::string_view word);

 private:
  std::string StemOnce(Language language, std::string_view word);

  struct Free {
    void operator()(sb_stemmer* stemmer) const;
  };
  // In the order of kLanguages.
  std::array<std::unique_ptr<sb_stemmer, Free>, kLanguages.size()> stemmers_;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_STEMMER_H_
