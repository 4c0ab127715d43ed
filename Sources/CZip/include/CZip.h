#ifndef ESPALIER_CZIP_H
#define ESPALIER_CZIP_H

// libzip is loaded and not linked: it brings libcrypto and libbz2 along, whose load takes milliseconds, and `plot` or `--help`
// read no archive. zip.h declares the functions, CZip.c defines them: each calls the library's own. Hidden, so that libzip never
// takes ours for its own.
#define ZIP_EXTERN __attribute__((visibility("hidden")))
#include <stdbool.h>
#include <zip.h>

// Loads the library of that name or path, once and before any other call: false where it does not serve, and dlerror() says
// why, or NULL where it is there and lacks a function.
ZIP_EXTERN bool czip_load(const char *_Nonnull name);

#endif
