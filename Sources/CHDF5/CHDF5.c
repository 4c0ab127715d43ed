#include "CHDF5.h"

#include <dlfcn.h>

// The library's functions; none until one is loaded.
static struct functions {
#define FORWARD(result, name, parameters, arguments) __typeof__(&name) name;
#define SIZE FORWARD
#define ID(name)
#include "functions.h"
} loaded;

#define CALL(result, name, parameters, arguments, failure) \
  result name parameters { return loaded.name ? loaded.name arguments : (result)failure; }
#define FORWARD(result, name, parameters, arguments) CALL(result, name, parameters, arguments, -1)
#define SIZE(result, name, parameters, arguments) CALL(result, name, parameters, arguments, 0)
#define ID(name) hid_t name = -1;
#include "functions.h"

// HDF5's own aborts where the third number differs too, which leaves the functions as they are.
herr_t H5check_version(unsigned major, unsigned minor, unsigned release) {
  (void)major; (void)minor; (void)release;
  return 0;
}

static bool fail(char *problem) {
  const char *text = dlerror();
  snprintf(problem, 512, "%s", text ? text : "libhdf5 lacks what it declares");
  return false;
}

// The name goes through a second macro, because some are macros for a function of another name.
#define TEXT(name) #name
#define FIND(name) (found.name = (__typeof__(&name))dlsym(library, TEXT(name)))

bool chdf5_load(const char *name, char *problem) {
  void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
  struct functions found;
  if (!library || !FIND(H5dont_atexit) || !FIND(H5get_libversion)) return fail(problem);

  // No clean-up at exit: it loops and complains where a damaged file left something open inside the library. It can
  // only be refused before the first other call, and fails harmlessly afterwards.
  (void)found.H5dont_atexit();
  unsigned major = 0, minor = 0, release = 0;
  (void)found.H5get_libversion(&major, &minor, &release);
  if (major != H5_VERS_MAJOR || minor != H5_VERS_MINOR) {
    snprintf(problem, 512, "%s is version %u.%u.%u", name, major, minor, release);
    return false;
  }

#define FORWARD(result, name, parameters, arguments) \
  if (!FIND(name)) return fail(problem);
#define SIZE FORWARD
#define ID(name)
#include "functions.h"

  // No dynamic filter plug-ins: a file must not choose code to load.
  if (found.H5open() < 0 || found.H5PLset_loading_state(0) < 0) {
    snprintf(problem, 512, "%s does not start", name);
    return false;
  }

  hid_t *id;
#define FORWARD(result, name, parameters, arguments)
#define SIZE FORWARD
#define ID(name) \
  if (!(id = dlsym(library, #name))) return fail(problem); \
  name = *id;
#include "functions.h"

  loaded = found;
  return true;
}
