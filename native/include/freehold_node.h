/*
 * For addons of Node.js: the functions of freehold.h as a table, and the arenas of JavaScript, without
 * linking.
 *
 *     const { api } = require('freehold');           // ESM: import { api } from 'freehold'
 *     addon.setup(api);
 *     addon.parse(arena.native, input);
 *
 *     static const fh_api* fh;
 *     ... in setup:  if (fh_node_api(env, argv[0], &fh) != FH_OK) return throw_error(env);
 *     ... in parse:  fh_arena* arena;  if (fh_node_arena(env, argv[0], &arena) != FH_OK) ...
 *                    void* block;  fh->arena_alloc(arena, 64, 0, &block);
 *
 * C99 and Node-API version 8. Include it after <node_api.h>, or let it be included here.
 */
#ifndef FREEHOLD_NODE_H
#define FREEHOLD_NODE_H

#include <node_api.h>

#include "freehold.h"

/* What the values of JavaScript are known by. */
#define FH_NODE_API_TAG \
  { 0x8f2c41d05b7e4a19ULL, 0xa6d3b0c2e5f81744ULL }
#define FH_NODE_ARENA_TAG \
  { 0x3b9d7e60c1f24a85ULL, 0x94e2a7d15c30b86fULL }

static inline fh_status fh_node_external(napi_env env, napi_value value, const napi_type_tag* tag,
                                         void** pointer) {
  napi_valuetype type;
  bool is_ours = false;
  *pointer = NULL;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return FH_INVALID;
  if (napi_check_object_type_tag(env, value, tag, &is_ours) != napi_ok || !is_ours) return FH_INVALID;
  return napi_get_value_external(env, value, pointer) == napi_ok && *pointer != NULL ? FH_OK : FH_INVALID;
}

/* The table behind `api` of the package. FH_INVALID for any other value, and for a package of another major
 * version. It is valid as long as the process. */
static inline fh_status fh_node_api(napi_env env, napi_value value, const fh_api** api) {
  const napi_type_tag tag = FH_NODE_API_TAG;
  void* pointer = NULL;
  fh_status status = fh_node_external(env, value, &tag, &pointer);
  *api = (const fh_api*)pointer;
  if (status == FH_OK && (*api)->major != FH_API_MAJOR) status = FH_INVALID;
  if (status != FH_OK) *api = NULL;
  return status;
}

/* The arena behind `arena.native`. JavaScript owns it: it is valid as long as that arena is not disposed, and
 * the caller must see to it that JavaScript holds the arena as long. FH_INVALID for any other value. */
static inline fh_status fh_node_arena(napi_env env, napi_value value, fh_arena** arena) {
  const napi_type_tag tag = FH_NODE_ARENA_TAG;
  void* pointer = NULL;
  fh_status status = fh_node_external(env, value, &tag, &pointer);
  *arena = (fh_arena*)pointer;
  return status;
}

#endif
