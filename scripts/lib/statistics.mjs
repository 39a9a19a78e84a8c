// The little statistics that the scripts need.

/** The middle value; of two middle values, their mean. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that a share `p` (0 to 1) of `sorted` does not exceed. */
export function percentile(sorted, p) {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))];
}

/** The least-squares slope of y over x for points `[x, y]`, and how far it is uncertain (one standard error). */
export function slope(points) {
  const n = points.length;
  const mx = points.reduce((sum, [x]) => sum + x, 0) / n;
  const my = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  const sxy = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  const perX = sxy / sxx;
  const residual = points.reduce((sum, [x, y]) => sum + (y - my - perX * (x - mx)) ** 2, 0);
  return { perX, error: Math.sqrt(residual / (n - 2) / sxx), mean: my };
}
