#ifndef ESPALIER_CCRYPTO_SHIM_H
#define ESPALIER_CCRYPTO_SHIM_H

// libcrypto is loaded and not linked: a command that hashes nothing would pay the milliseconds of its load too.

#include <dlfcn.h>
#include <openssl/evp.h>
#include <stdbool.h>

typedef struct {
  __typeof__(&EVP_MD_CTX_new) _Nonnull make;
  __typeof__(&EVP_MD_CTX_free) _Nonnull free;
  __typeof__(&EVP_sha256) _Nonnull sha256;
  __typeof__(&EVP_DigestInit_ex) _Nonnull begin;
  __typeof__(&EVP_DigestUpdate) _Nonnull update;
  __typeof__(&EVP_DigestFinal_ex) _Nonnull finish;
} ccrypto_digest;

// The library's digest: false, and dlerror() says why, where there is none.
static inline bool ccrypto_load(const char *_Nonnull library, ccrypto_digest *_Nonnull digest) {
  void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
#define CCRYPTO_FIND(member, name) ((*(void **)&digest->member = dlsym(handle, name)) != NULL)
  return handle && CCRYPTO_FIND(make, "EVP_MD_CTX_new") && CCRYPTO_FIND(free, "EVP_MD_CTX_free") &&
    CCRYPTO_FIND(sha256, "EVP_sha256") && CCRYPTO_FIND(begin, "EVP_DigestInit_ex") &&
    CCRYPTO_FIND(update, "EVP_DigestUpdate") && CCRYPTO_FIND(finish, "EVP_DigestFinal_ex");
}

#endif
