#ifndef ESPALIER_CIGZIP_SHIM_H
#define ESPALIER_CIGZIP_SHIM_H

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

// A sum of products, which Swift does not import: bytes of working memory for level 1.
static inline uint32_t cigzip_level_1_bytes(void) { return ISAL_DEF_LVL1_DEFAULT; }

#endif
