#include "CProcessor.h"

#if defined(__linux__)
#include <malloc.h>
#include <sys/mman.h>
#endif

#if defined(__x86_64__)
bool processor_has_avx2_fma(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool processor_has_avx512f(void) { return processor_has_avx2_fma() && __builtin_cpu_supports("avx512f"); }
#else
bool processor_has_avx2_fma(void) { return false; }
bool processor_has_avx512f(void) { return false; }
#endif

void keep_freed_memory(void) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

void use_large_pages(void *memory, size_t bytes) {
#if defined(__linux__)
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}
