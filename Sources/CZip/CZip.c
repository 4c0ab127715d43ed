#include "CZip.h"

#include <dlfcn.h>

// The library's functions; none until one is loaded.
static struct functions {
#define FUNCTION(result, name, parameters, arguments) __typeof__(&name) name;
#include "functions.h"
} loaded;

#define FUNCTION(result, name, parameters, arguments) \
  result name parameters { return loaded.name arguments; }
#include "functions.h"

bool czip_load(const char *name) {
  void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
  struct functions found;
  if (!library) return false;
#define FUNCTION(result, name, parameters, arguments) \
  if (!(found.name = (__typeof__(&name))dlsym(library, #name))) return false;
#include "functions.h"
  loaded = found;
  return true;
}
