import type { Allocator } from './allocator.ts';
import type { FreeholdError } from './errors.ts';

/** Who hears of each request that an arena refuses because of its limit: servers, which have a limit per request. */
export const refusals: { hear: ((arena: Allocator, error: FreeholdError) => void) | null } = { hear: null };
