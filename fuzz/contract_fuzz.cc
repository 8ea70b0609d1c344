// Contracts from anybody: parsing never breaks, and what it accepts is written and read back the
// same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "contract/diff.h"
#include "contract/parse.h"
#include "contract/write.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const eclusa::ParsedContract parsed = eclusa::ParseContract(text);
  if (parsed.contract.has_value() != parsed.errors.empty()) std::abort();
  if (!parsed.contract) return 0;
  const std::string written = eclusa::WriteContract(*parsed.contract);
  const eclusa::ParsedContract again = eclusa::ParseContract(written);
  if (!again.contract || eclusa::WriteContract(*again.contract) != written) std::abort();
  if (!eclusa::DiffContracts(*parsed.contract, *again.contract).empty()) std::abort();
  return 0;
}
