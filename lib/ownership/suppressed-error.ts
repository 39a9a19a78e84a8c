/** What {@link SuppressedErrorShim} stands for: the language's own class, from Node 24 on. */
type SuppressedErrorClass = new (error: unknown, suppressed: unknown, message?: string) => SuppressedError;

/** The class of the specification for the runtimes that have none: the same name, properties and defaults. */
class SuppressedErrorShim extends Error {
  declare readonly error: unknown;
  declare readonly suppressed: unknown;

  constructor(error: unknown, suppressed: unknown, message?: string) {
    super(message);
    Object.defineProperty(this, 'error', { value: error, configurable: true, writable: true });
    Object.defineProperty(this, 'suppressed', { value: suppressed, configurable: true, writable: true });
  }

  static {
    Object.defineProperty(SuppressedErrorShim, 'name', { value: 'SuppressedError', configurable: true });
    Object.defineProperty(SuppressedErrorShim.prototype, 'name', {
      value: 'SuppressedError',
      configurable: true,
      writable: true,
    });
  }
}

const { SuppressedError: OfTheLanguage } = globalThis as { SuppressedError?: SuppressedErrorClass };
const Suppressed: SuppressedErrorClass = OfTheLanguage ?? SuppressedErrorShim;

/** The error of a cleanup that ran because of another error, or after one: as `using` throws it. */
export function suppress(error: unknown, suppressed: unknown): SuppressedError {
  return new Suppressed(error, suppressed, 'An error was suppressed during disposal');
}
