const kept: object[] = [];

/**
 * Keeps an object, so that there is always one of its class. When a full collection finds none, V8 drops the shape that they
 * have, and with it all optimised code that knows it: the next thousands of handles would cost ten times as much.
 */
export function keepShape(instance: object): void {
  kept.push(instance);
}
