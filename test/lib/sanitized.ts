/** Whether the tests run with AddressSanitizer preloaded (`scripts/sanitize.mjs`), which some programs cannot live with. */
export const isSanitized = /asan/.test(process.env['LD_PRELOAD'] ?? '');
