{
  # Bench-only: the limits in C++ and C that the fast paths in JavaScript are measured against. Never shipped, never loaded
  # by lib/.
  'target_defaults': {
    'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
    'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'],
    'cflags_cc': ['-std=c++20', '-O3', '-Wall', '-Wextra', '-Wpedantic', '-Wno-unused-parameter', '-Werror'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
      'GCC_OPTIMIZATION_LEVEL': '3',
    },
    'msvs_settings': {
      'VCCLCompilerTool': {'AdditionalOptions': ['/std:c++20', '/O2']},
    },
  },
  'targets': [
    {'target_name': 'limit', 'sources': ['limit.cc']},
    {'target_name': 'malloc', 'sources': ['malloc.cc']},
    {'target_name': 'shared', 'sources': ['shared.cc']},
  ],
}
