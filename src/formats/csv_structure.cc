#include "formats/csv_structure.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace eclusa {
namespace {

// One bit for each of 64 bytes.
struct BlockMasks {
  uint64_t delimiter;
  uint64_t quote;
  uint64_t cr;
  uint64_t lf;
  uint64_t non_ascii;
  uint64_t odd_quotes;  // prefix XOR of quote: an odd number of quotes up to and with the byte
};

// Eight bits: which of eight bytes equal the one that fills `pattern`.
uint64_t EqualBytes(uint64_t eight, uint64_t pattern) {
  constexpr uint64_t kLow = 0x7F7F7F7F7F7F7F7F;
  const uint64_t different = eight ^ pattern;
  // The top bit of each byte is set where the byte is zero; exact, no carry crosses bytes.
  const uint64_t zero = ~(((different & kLow) + kLow) | different | kLow);
  return (zero >> 7) * 0x0102040810204080 >> 56;
}

uint64_t Fill(char c) { return 0x0101010101010101 * static_cast<uint8_t>(c); }

BlockMasks PortableMasks(const char* data, const CsvMarks& marks, uint64_t valid) {
  BlockMasks masks = {};
  for (int i = 0; i < 8; ++i) {
    uint64_t eight;
    std::memcpy(&eight, data + 8 * i, 8);
    const int shift = 8 * i;
    masks.delimiter |= EqualBytes(eight, Fill(marks.delimiter)) << shift;
    if (marks.quote != 0) masks.quote |= EqualBytes(eight, Fill(marks.quote)) << shift;
    masks.cr |= EqualBytes(eight, Fill('\r')) << shift;
    masks.lf |= EqualBytes(eight, Fill('\n')) << shift;
    masks.non_ascii |= eight & 0x8080808080808080;
  }
  masks.quote &= valid;
  masks.odd_quotes = masks.quote;
  for (int shift = 1; shift < 64; shift *= 2) masks.odd_quotes ^= masks.odd_quotes << shift;
  return masks;
}

}  // namespace

// What one block hands on to the next, and where the ends are written.
class CsvStructure::Cursor {
 public:
  Cursor(uint32_t* fields, uint32_t* rows)
      : fields_(fields), rows_(rows), field_(fields), row_(rows) {}

  // One block whose first byte is at `base`; `valid` masks the bytes that count, and was applied to
  // the quotes. False: stopped.
  [[gnu::always_inline]] inline bool Take(BlockMasks masks, uint64_t valid, uint32_t base) {
    const uint64_t line_end = (masks.cr | masks.lf) & valid;
    non_ascii |= masks.non_ascii;
    uint64_t inside = 0;
    bool sound = true;
    if ((masks.quote | inside_) != 0) {
      inside = masks.odd_quotes ^ inside_;
      const uint64_t mark = masks.delimiter | line_end | masks.quote;
      const uint64_t opening = masks.quote & inside;
      const uint64_t closing = masks.quote & ~inside;
      const uint64_t misplaced =
          (opening & ~(mark << 1 | mark_)) | ((closing << 1 | closing_) & ~mark & valid);
      closing_ = closing >> 63;
      doubled |= opening & (masks.quote << 1 | quote_);
      quoted |= masks.quote;
      quoted_line_ends |= line_end & inside;
      if (misplaced != 0) [[unlikely]] {
        valid &= (misplaced & -misplaced) - 1;
        sound = false;
      }
      inside_ = static_cast<uint64_t>(static_cast<int64_t>(inside) >> 63);
    } else if (closing_ != 0) {
      // The block before ended with a closing quote, and this one has no quotes.
      closing_ = 0;
      if (((masks.delimiter | line_end) & 1) == 0 && (valid & 1) != 0) [[unlikely]]
        return false;
    }
    const uint64_t row_end = (masks.cr | (masks.lf & ~(masks.cr << 1 | cr_))) & ~inside & valid;
    const uint64_t field_end = (masks.delimiter & ~inside & valid) | row_end;
    Emit(field_end, row_end, base);
    mark_ = (masks.delimiter | line_end | masks.quote) >> 63;
    quote_ = masks.quote >> 63;
    cr_ = masks.cr >> 63;
    return sound;
  }

  size_t row_count() const { return static_cast<size_t>(row_ - rows_); }
  bool in_quotes() const { return inside_ != 0; }

  uint64_t non_ascii = 0;
  uint64_t doubled = 0;
  uint64_t quoted = 0;
  uint64_t quoted_line_ends = 0;

 private:
  // Writes eight at a time whatever the number, so that the loop does not depend on it.
  [[gnu::always_inline]] inline void Emit(uint64_t field_end, uint64_t row_end, uint32_t base) {
    const auto first = static_cast<uint32_t>(field_ - fields_);
    for (uint64_t rest = row_end; rest != 0; rest &= rest - 1) {
      *row_++ =
          first + static_cast<uint32_t>(__builtin_popcountll(field_end & ((rest & -rest) - 1)));
    }
    uint32_t* const end = field_ + __builtin_popcountll(field_end);
    while (field_ < end) {
      for (int i = 0; i < 8; ++i) {
        // Of zero: 64, and written behind the end, where the next block overwrites it.
        field_[i] = base + static_cast<uint32_t>(field_end == 0 ? 64 : __builtin_ctzll(field_end));
        field_end &= field_end - 1;
      }
      field_ += 8;
    }
    field_ = end;
  }

  uint32_t* const fields_;
  uint32_t* const rows_;
  uint32_t* field_;
  uint32_t* row_;
  uint64_t inside_ = 0;  // all ones: the block before ended inside quotes
  uint64_t mark_ = 1;  // the byte before is a delimiter, line end or quote; so is a row's beginning
  uint64_t quote_ = 0;    // ... is a quote
  uint64_t closing_ = 0;  // ... is a closing quote
  uint64_t cr_ = 0;
};

#if defined(__x86_64__)
namespace {

__attribute__((target("avx2"))) inline uint64_t EqualMask(__m256i low, __m256i high,
                                                          __m256i pattern) {
  const auto a = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern)));
  const auto b = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern)));
  return a | static_cast<uint64_t>(b) << 32;
}

bool HasAvx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

}  // namespace

__attribute__((target("avx2,bmi,pclmul,popcnt"))) void CsvStructure::ScanWithAvx2(
    std::span<const char> data, const CsvMarks& marks) {
  const __m256i delimiter = _mm256_set1_epi8(marks.delimiter);
  // 0 stands for no quotes; a file may have zero bytes, which then are no quotes either.
  const __m256i quote = _mm256_set1_epi8(marks.quote);
  const uint64_t quotes_count = marks.quote == 0 ? 0 : ~uint64_t{0};
  const __m256i cr = _mm256_set1_epi8('\r');
  const __m256i lf = _mm256_set1_epi8('\n');
  Cursor cursor(field_ends_.get(), row_ends_.get());
  for (size_t at = 0; at < data.size() && !stopped_; at += 64) {
    const auto* block = reinterpret_cast<const __m256i*>(data.data() + at);
    const __m256i a = _mm256_loadu_si256(block);
    const __m256i b = _mm256_loadu_si256(block + 1);
    const size_t left = data.size() - at;
    const uint64_t valid = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    BlockMasks masks;
    masks.delimiter = EqualMask(a, b, delimiter);
    masks.quote = EqualMask(a, b, quote) & quotes_count & valid;
    masks.cr = EqualMask(a, b, cr);
    masks.lf = EqualMask(a, b, lf);
    masks.non_ascii = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(a, b)));
    const __m128i ones = _mm_set1_epi8(-1);
    masks.odd_quotes = static_cast<uint64_t>(_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<int64_t>(masks.quote)), ones, 0)));
    stopped_ = !cursor.Take(masks, valid, static_cast<uint32_t>(at));
  }
  Take(cursor);
}
#endif

void CsvStructure::ScanPortably(std::span<const char> data, const CsvMarks& marks) {
  Reset(data.size());
  Cursor cursor(field_ends_.get(), row_ends_.get());
  for (size_t at = 0; at < data.size() && !stopped_; at += 64) {
    const size_t left = data.size() - at;
    const uint64_t valid = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    stopped_ = !cursor.Take(PortableMasks(data.data() + at, marks, valid), valid,
                            static_cast<uint32_t>(at));
  }
  Take(cursor);
}

void CsvStructure::Take(const Cursor& cursor) {
  row_count_ = cursor.row_count();
  in_quotes_ = cursor.in_quotes();
  has_non_ascii_ = cursor.non_ascii != 0;
  has_quotes_ = cursor.quoted != 0;
  has_doubled_quotes_ = cursor.doubled != 0;
  has_line_ends_in_quotes_ = cursor.quoted_line_ends != 0;
}

void CsvStructure::Scan(std::span<const char> data, const CsvMarks& marks) {
#if defined(__x86_64__)
  static const bool has_avx2 = HasAvx2();
  if (has_avx2) {
    Reset(data.size());
    ScanWithAvx2(data, marks);
    return;
  }
#endif
  ScanPortably(data, marks);
}

void CsvStructure::Reset(size_t size) {
  // Each byte may end a field; Emit writes up to eight behind.
  const size_t needed = size + 8;
  if (needed > capacity_) {
    capacity_ = needed;
    field_ends_ = std::make_unique_for_overwrite<uint32_t[]>(needed);
    row_ends_ = std::make_unique_for_overwrite<uint32_t[]>(needed);
  }
  row_count_ = 0;
  stopped_ = false;
  in_quotes_ = false;
}

bool CsvStructure::ScanRow(std::span<const char> data, bool at_end, const CsvMarks& marks,
                           CsvRow& row) {
  std::vector<uint32_t> ends;
  row = ReadCsvRow(data, at_end, marks, ends);
  Reset(ends.size());
  if (row.state != CsvRow::State::kComplete) return false;
  std::copy(ends.begin(), ends.end(), field_ends_.get());
  row_ends_[0] = static_cast<uint32_t>(ends.size() - 1);
  row_count_ = 1;
  // Not looked for: the slower way through the columns is right whether they occur or not.
  has_quotes_ = has_doubled_quotes_ = has_line_ends_in_quotes_ = marks.quote != 0;
  has_non_ascii_ = true;
  return true;
}

CsvRow ReadCsvRow(std::span<const char> data, bool at_end, const CsvMarks& marks,
                  std::vector<uint32_t>& field_ends) {
  CsvRow row;
  size_t at = 0;
  while (true) {
    if (marks.quote != 0 && at < data.size() && data[at] == marks.quote) {
      row.quote_at = at++;
      while (true) {
        const void* next = std::memchr(data.data() + at, marks.quote, data.size() - at);
        if (next == nullptr) {
          row.in_quotes = true;
          return row;
        }
        at = static_cast<size_t>(static_cast<const char*>(next) - data.data()) + 1;
        if (at == data.size() || data[at] != marks.quote) break;
        ++at;
      }
      // Whether the quote was the closing one is told by the byte behind it.
      if (at == data.size() && !at_end) return row;
    } else {
      while (at < data.size() && data[at] != marks.delimiter && data[at] != '\n' &&
             data[at] != '\r') {
        ++at;
      }
    }
    row.end = at;
    if (at == data.size()) {
      if (!at_end) return row;
      break;
    }
    const char c = data[at];
    if (c == '\n' || c == '\r') {
      // A CR at the end: the LF that belongs to it may follow.
      if (c == '\r' && at + 1 == data.size() && !at_end) return row;
      break;
    }
    if (c != marks.delimiter) {
      row.state = CsvRow::State::kTextAfterQuote;
      return row;
    }
    field_ends.push_back(static_cast<uint32_t>(at++));
    ++row.column;
  }
  field_ends.push_back(static_cast<uint32_t>(at));
  row.state = CsvRow::State::kComplete;
  return row;
}

int64_t CountLineEnds(std::span<const char> data) {
  int64_t count = 0;
  for (size_t i = 0; i < data.size(); ++i) {
    count += data[i] == '\n';
    count += data[i] == '\r' && (i + 1 == data.size() || data[i + 1] != '\n');
  }
  return count;
}

}  // namespace eclusa
