/*
 * Splits lines of CSV into fields. All of a line's fields stand in the arena that JavaScript passes: an array
 * of structs, and behind it the texts, unquoted. Nothing is freed here: the arena's reset ends all of it.
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "freehold_node.h"

typedef struct {
  const char* text;
  uint64_t length;
} field;

/* The functions of freehold.h: the same for all threads of a process. */
static const fh_api* fh;

static napi_value fail(napi_env env, const char* what, fh_status status) {
  napi_throw_error(env, what, fh == NULL ? "freehold's functions are not there" : fh->status_text(status));
  return NULL;
}

/* setup(api) */
static napi_value setup(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value;
  if (napi_get_cb_info(env, info, &count, &value, NULL, NULL) != napi_ok) return NULL;
  const fh_status status = fh_node_api(env, value, &fh);
  return status == FH_OK ? NULL : fail(env, "ERR_NO_FREEHOLD", status);
}

static size_t count_fields(const char* line, size_t length) {
  size_t fields = 1;
  int quoted = 0;
  for (size_t at = 0; at < length; ++at) {
    if (line[at] == '"') quoted = !quoted;
    if (line[at] == ',' && !quoted) ++fields;
  }
  return fields;
}

/* Writes a field's text to `to`, which has room for it, and returns where the line goes on. */
static const char* unquote(const char* from, const char* end, char* to, uint64_t* length) {
  char* const begin = to;
  int quoted = 0;
  for (; from < end && (quoted || *from != ','); ++from) {
    if (*from != '"') {
      *to++ = *from;
    } else if (quoted && from + 1 < end && from[1] == '"') {
      *to++ = *from++;
    } else {
      quoted = !quoted;
    }
  }
  *length = (uint64_t)(to - begin);
  return from < end ? from + 1 : end;
}

/* split(arena.native, line) => [address of the array of fields, how many] */
static napi_value split(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value values[2];
  fh_arena* arena = NULL;
  void* line = NULL;
  size_t length = 0;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != napi_ok) return NULL;
  fh_status status = fh == NULL ? FH_INVALID : fh_node_arena(env, values[0], &arena);
  if (status == FH_OK && napi_get_buffer_info(env, values[1], &line, &length) != napi_ok) status = FH_INVALID;
  if (status != FH_OK) return fail(env, "ERR_ARGUMENT", status);

  const size_t fields = count_fields(line, length);
  void* array = NULL;
  void* texts = NULL;
  status = fh->arena_alloc(arena, fields * sizeof(field), 0, &array);
  if (status == FH_OK) status = fh->arena_alloc(arena, length, 1, &texts);
  if (status != FH_OK) return fail(env, status == FH_LIMIT ? "ERR_LIMIT" : "ERR_MEMORY", status);

  const char* from = line;
  const char* const end = from + length;
  char* to = texts;
  for (field* each = array; each < (field*)array + fields; ++each) {
    each->text = to;
    from = unquote(from, end, to, &each->length);
    to += each->length;
  }

  napi_value result, address, number;
  napi_create_array_with_length(env, 2, &result);
  napi_create_bigint_uint64(env, (uint64_t)(uintptr_t)array, &address);
  napi_create_uint32(env, (uint32_t)fields, &number);
  napi_set_element(env, result, 0, address);
  napi_set_element(env, result, 1, number);
  return result;
}

/* used(arena.native) => bytes in use, as C sees them */
static napi_value used(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value, number;
  fh_arena* arena = NULL;
  fh_arena_stats stats;
  if (napi_get_cb_info(env, info, &count, &value, NULL, NULL) != napi_ok) return NULL;
  fh_status status = fh == NULL ? FH_INVALID : fh_node_arena(env, value, &arena);
  if (status == FH_OK) status = fh->arena_get_stats(arena, &stats);
  if (status != FH_OK) return fail(env, "ERR_ARGUMENT", status);
  napi_create_int64(env, (int64_t)stats.used, &number);
  return number;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "setup", NAPI_AUTO_LENGTH, setup, NULL, &function);
  napi_set_named_property(env, exports, "setup", function);
  napi_create_function(env, "split", NAPI_AUTO_LENGTH, split, NULL, &function);
  napi_set_named_property(env, exports, "split", function);
  napi_create_function(env, "used", NAPI_AUTO_LENGTH, used, NULL, &function);
  napi_set_named_property(env, exports, "used", function);
  return exports;
}
