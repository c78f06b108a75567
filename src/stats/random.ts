// Seeded randomness: every choice of a run is drawn from here, so the same seed makes the same choices.

/**
 * Creates a generator of numbers 0 <= x < 1 with 32 random bits each. The same seed and stream parts give the
 * same numbers on every machine; other parts (say `'vu', 7`) give a stream of its own. A number and its text
 * are different parts: `7` is not `'7'`.
 *
 * **Source:** generator sfc32 (Chris Doty-Humphrey, PractRand; period at least 2^32 per stream, about 2^127 on
 * average); its state is four differently keyed MurmurHash3 (Austin Appleby) values of the seed and the parts.
 */
export function createRandom(seed: number, ...stream: readonly (number | string)[]): () => number {
  const key = [seed, ...stream].map(partKey).join('');
  let a = hash(key, 0x9e3779b9);
  let b = hash(key, 0x243f6a88);
  let c = hash(key, 0xb7e15162);
  let counter = hash(key, 0x71374491);
  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }
  // The first outputs still show the state they come from; sfc32's author mixes about a dozen rounds.
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** Text that no other list of parts can produce: kind, length, content. */
function partKey(part: number | string): string {
  const text = String(part);
  return `${typeof part === 'number' ? 'n' : 's'}${text.length}:${text};`;
}

function hash(text: string, key: number): number {
  let h = key | 0;
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
