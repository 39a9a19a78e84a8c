import type { Results } from './markdown.mjs';

export function chooserTable(results: Results): string;
