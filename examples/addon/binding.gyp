{
  'targets': [
    {
      'target_name': 'csv',
      'sources': ['csv.c'],
      # Headers, and nothing to link with: the functions come from JavaScript.
      'include_dirs': ['<!@(node -p "require(\'freehold\').include")'],
      'defines': ['NAPI_VERSION=8'],
      'conditions': [['OS!="win"', {'cflags': ['-std=c99', '-Wall', '-Wextra', '-Werror']}]],
    },
  ],
}
