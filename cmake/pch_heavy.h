// Precompiled for the modules that src/LAYERS lets include Arrow.
#include <arrow/api.h>

#include "pch_light.h"
