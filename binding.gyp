{
  'variables': {
    # Warnings stop the build for those who work on freehold, not for those who install it with a compiler that is
    # newer than ours and knows more warnings: the published package has no native/test.
    'warnings_are_errors%': '<!(node -p "+require(\'node:fs\').existsSync(\'native/test\')")',
    'other_platform': '<!(node -p "process.platform === \'win32\' ? \'_posix.cc\' : \'_windows.cc\'")',
    'node_addon_api': '<!(node -p "require(\'node-addon-api\').include_dir")',
  },
  'targets': [
    {
      'target_name': 'freehold',
      # All that is in these folders, without the files of the other platform: a new file needs no line here.
      'sources': [
        '<!@(node -p "const fs = require(\'node:fs\'); [\'core\', \'c_api\', \'binding\'].map(d => \'native/\' + d).filter(d => fs.existsSync(d)).flatMap(d => fs.readdirSync(d).sort().map(f => d + \'/\' + f)).filter(f => f.endsWith(\'.cc\') && !f.endsWith(\'<(other_platform)\')).join(\' \')")',
      ],
      'include_dirs': ['native/core', 'native/c_api', 'native/include'],
      'defines': [
        'NAPI_VERSION=8',
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        # In a worker that is being terminated nothing can be thrown any more; without this the process would end.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'conditions': [
        ['OS=="win"', {
          'include_dirs': ['<(node_addon_api)'],
          'msvs_settings': {
            'VCCLCompilerTool': {
              'AdditionalOptions!': ['-std:c++17'],
              'AdditionalOptions': [
                '-std:c++20', '/permissive-', '/utf-8', '/guard:cf',
                # What is included with <> is not ours to correct.
                '/external:anglebrackets', '/external:W0',
              ],
              'BufferSecurityCheck': 'true',
              'ExceptionHandling': 0,
              'RuntimeTypeInfo': 'false',
              'WarningLevel': 4,
            },
            'VCLinkerTool': {'AdditionalOptions': ['/guard:cf', '/DYNAMICBASE', '/NXCOMPAT']},
          },
        }],
        ['OS=="win" and warnings_are_errors==1', {
          'msvs_settings': {'VCCLCompilerTool': {'WarnAsError': 'true'}},
        }],
        ['OS=="mac"', {
          'xcode_settings': {
            'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
            'CLANG_CXX_LIBRARY': 'libc++',
            'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
            'GCC_ENABLE_CPP_RTTI': 'NO',
            'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
            'GCC_OPTIMIZATION_LEVEL': '3',
            'MACOSX_DEPLOYMENT_TARGET': '11.0',
            'OTHER_CPLUSPLUSFLAGS': [
              '-isystem', '../<(node_addon_api)', '-isystem', '<(node_root_dir)/include/node',
              '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-fstack-protector-strong',
            ],
          },
        }],
        ['OS=="mac" and warnings_are_errors==1', {
          'xcode_settings': {'OTHER_CPLUSPLUSFLAGS': ['-Werror']},
        }],
        ['OS!="win" and OS!="mac"', {
          'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-Wno-unused-parameter'],
          'cflags!': ['-Wno-unused-parameter'],
          'cflags_cc': [
            '-std=c++20', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-fvisibility-inlines-hidden', '-fPIC',
            '-fstack-protector-strong',
            '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow',
            # System headers, so that our warnings do not apply. (make runs in build/, and a path given by -I and by
            # -isystem counts as the latter.)
            '-isystem', '../<(node_addon_api)', '-isystem', '<(node_root_dir)/include/node',
          ],
          'ldflags': ['-Wl,-z,relro,-z,now,-z,noexecstack'],
          'configurations': {
            'Release': {
              'cflags_cc': ['-O3', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'],
            },
          },
        }],
        ['OS!="win" and OS!="mac" and warnings_are_errors==1', {
          'cflags_cc': ['-Werror'],
        }],
      ],
    },
  ],
}
