#ifndef ESPALIER_COPENBLAS_SHIM_H
#define ESPALIER_COPENBLAS_SHIM_H

// OpenBLAS is loaded and not linked: at its load it starts a thread for each core, and these keep the cores busy for tens
// of milliseconds, waiting for work. A command that multiplies no matrices would pay for that too.

#include <cblas.h>
#include <dlfcn.h>

typedef __typeof__(&cblas_sgemm) copenblas_sgemm;

// The library's matrix product, on the calling thread alone: NULL, and dlerror() says why, where there is none.
static inline copenblas_sgemm copenblas_load(const char *library) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return NULL;
  typedef __typeof__(&openblas_set_num_threads) set_threads;
  set_threads set = (set_threads)dlsym(handle, "openblas_set_num_threads");
  if (set) set(1);
  return (copenblas_sgemm)dlsym(handle, "cblas_sgemm");
}

#endif
