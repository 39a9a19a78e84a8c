// The body of a request, in one piece.

/** Larger bodies are refused, with 413. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Resolves with the body, or null when it is too large. A body that arrived in one chunk is passed on as it is; more
 * are joined in a buffer from `memory()`, which is asked for only then.
 */
export function readBody(request, memory) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let total = 0;
    request.on('data', (chunk) => {
      total += chunk.length;
      if (total <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => {
      if (total > MAX_BODY_BYTES) resolve(null);
      else if (chunks.length === 1) resolve(chunks[0]);
      else resolve(join(chunks, memory().allocUnsafe(total)));
    });
    request.on('error', reject); // the client left
  });
}

function join(chunks, whole) {
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
