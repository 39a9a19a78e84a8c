import { types } from 'node:util';

import { type AutoOptions, readAutoScope, runWithAuto } from '../automatic.ts';
import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';
import { type Body, generatorRefused } from './ambient.ts';
import { type ArenaScopeOptions, readArenaScope, runWithArena } from './with-arena.ts';
import { type ManualScopeOptions, readManualScope, runWithManual } from './with-manual.ts';

// Strategies as decorators of methods, as the language's proposal has them (not the older ones that TypeScript has behind
// `experimentalDecorators`).

/** A decorator of methods that leaves their types as they are. */
export type MethodDecoratorOf = <This, Rest extends unknown[], Result>(
  method: (this: This, ...rest: Rest) => Result,
  context: ClassMethodDecoratorContext<This, (this: This, ...rest: Rest) => Result>,
) => (this: This, ...rest: Rest) => Result;

type Run<Settings> = (settings: Settings, receiver: unknown, body: Body, rest: unknown[]) => unknown;

/** `@name` and `@name(options)` in one function. */
function strategyDecorator<Options, Settings>(
  name: string,
  read: (options: Options | undefined, of: string) => Settings,
  run: Run<Settings>,
): MethodDecoratorOf & ((options?: Options) => MethodDecoratorOf) {
  const decorate = (settings: Settings, method: unknown, context: unknown): unknown => {
    const body = checkMethod(name, method, context);
    const isAsync = types.isAsyncFunction(body);
    const wrapped = function (this: unknown, ...rest: unknown[]): unknown {
      if (!isAsync) return run(settings, this, body, rest);
      try {
        return run(settings, this, body, rest);
      } catch (error) {
        // An async method never throws: what fails before it begins is a rejection, too.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown
        return Promise.reject(error);
      }
    };
    for (const property of ['name', 'length'])
      Object.defineProperty(wrapped, property, { value: Reflect.get(body, property), configurable: true });
    return wrapped;
  };
  return ((first: unknown, ...rest: unknown[]) => {
    if (rest.length > 0) return decorate(read(undefined, name), first, rest[0]);
    const settings = read(first as Options | undefined, name);
    return (method: unknown, context: unknown) => decorate(settings, method, context);
  }) as never;
}

function checkMethod(name: string, method: unknown, context: unknown): Body {
  const kind: unknown =
    typeof context === 'object' && context !== null ? Reflect.get(context, 'kind') : context;
  if (typeof method !== 'function' || kind !== 'method') {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `@${name} is for methods, by the standard's decorators (without experimentalDecorators), but was used on ${
        typeof kind === 'string' ? `a ${kind}` : describe(method)
      }`,
    );
  }
  if (types.isGeneratorFunction(method)) throw generatorRefused(`a method with @${name}`);
  return method as Body;
}

/**
 * Each call of the method allocates from an arena of its own, as with {@link withArena}: `@arenaMemory` or
 * `@arenaMemory({ escape: 'throw' })`. For methods, async ones too, but no generators.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when it is used on anything else.
 *
 * @example
 * ```ts
 * import { arenaMemory, currentAllocator } from 'freehold';
 * import assert from 'node:assert';
 *
 * class Formatter {
 *   @arenaMemory
 *   centre(text: string, width: number): string {
 *     const line = currentAllocator().alloc(width);
 *     line.fill(' ').write(text, (width - text.length) >> 1);
 *     return line.toString();
 *   }
 * }
 * assert.equal(new Formatter().centre('title', 11), '   title   ');
 * ```
 */
export const arenaMemory: MethodDecoratorOf & ((options?: ArenaScopeOptions) => MethodDecoratorOf) =
  strategyDecorator('arenaMemory', readArenaScope, runWithArena);

/**
 * What the method allocates is freed by hand, as with {@link withManual}: `@manualMemory` or `@manualMemory({ heap })`.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when it is used on anything but a method, or on a generator.
 */
export const manualMemory: MethodDecoratorOf & ((options?: ManualScopeOptions) => MethodDecoratorOf) =
  strategyDecorator('manualMemory', readManualScope, runWithManual);

/**
 * What a call of the method allocates is released at its end unless something keeps it, as with {@link withAuto}:
 * `@autoMemory` or `@autoMemory({ heap })`.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when it is used on anything but a method, or on a generator.
 */
export const autoMemory: MethodDecoratorOf & ((options?: AutoOptions) => MethodDecoratorOf) =
  strategyDecorator('autoMemory', readAutoScope, runWithAuto);
