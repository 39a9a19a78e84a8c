import koffi from 'koffi';

/**
 * Why tests of a C library cannot run on this machine; undefined where they can. In the gate every library is there: what is
 * missing fails.
 */
export function missingLibrary(soname: string): string | undefined {
  if (process.env['CI'] !== undefined) return undefined;
  try {
    koffi.load(soname);
    return undefined;
  } catch {
    return `there is no ${soname}`;
  }
}
