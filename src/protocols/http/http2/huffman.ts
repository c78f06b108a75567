// The Huffman code of HPACK (RFC 7541 appendix B). The code is canonical: the lengths say it all. Called by
// hpack-decoder.ts.

/** Bits of each byte's code. */
const lengths = [
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  ...[28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  ...[5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ...[7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  ...[6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  ...[20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  ...[24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  ...[22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  ...[21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  ...[26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  ...[19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  ...[20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  ...[26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
];
const endOfString = 256;
const endOfStringBits = 30;
const nibbleCount = 16;

/** What four bits lead to: the next node, and what they complete on the way there. */
interface Steps {
  readonly next: Int16Array;
  /** A byte; `none` for nothing, `broken` for the end of string, which nothing may contain. */
  readonly symbol: Int16Array;
  /** By node: a string may end here, since all bits since the last symbol are ones, and fewer than eight. */
  readonly mayEnd: Uint8Array;
}
const none = -1;
const broken = -2;

let steps: Steps | undefined;

function makeSteps(): Steps {
  const children: [number, number][] = [[0, 0]];
  // A leaf is its symbol, negative and moved by one.
  const put = (symbol: number, code: number, bits: number): void => {
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit--) {
      const side = (code >> bit) & 1;
      if (children[node]![side] === 0) children[node]![side] = children.push([0, 0]) - 1;
      node = children[node]![side]!;
    }
    children[node]![code & 1] = -symbol - 1;
  };
  const symbols = [
    ...lengths.map((bits, symbol) => ({ symbol, bits })),
    { symbol: endOfString, bits: endOfStringBits },
  ];
  symbols.sort((a, b) => a.bits - b.bits || a.symbol - b.symbol);
  let code = 0;
  let last = symbols[0]!.bits;
  for (const { symbol, bits } of symbols) {
    code <<= bits - last;
    last = bits;
    put(symbol, code++, bits);
  }
  const next = new Int16Array(children.length * nibbleCount);
  const symbol = new Int16Array(children.length * nibbleCount).fill(none);
  for (let node = 0; node < children.length; node++) {
    for (let nibble = 0; nibble < nibbleCount; nibble++) {
      const at = node * nibbleCount + nibble;
      let reached = node;
      for (let bit = 3; bit >= 0; bit--) {
        const child = children[reached]![(nibble >> bit) & 1]!;
        if (child < 0) symbol[at] = -child - 1 === endOfString ? broken : -child - 1;
        reached = Math.max(0, child);
      }
      next[at] = reached;
    }
  }
  const mayEnd = new Uint8Array(children.length);
  for (let node = 0, bit = 0; bit < 8; bit++) {
    mayEnd[node] = 1;
    node = children[node]![1];
  }
  return { next, symbol, mayEnd };
}

/** The shortest code has five bits. */
const mostSymbolsPerByte = 8 / 5;
let scratch = Buffer.allocUnsafe(4096);

/** The text of a Huffman-coded string, byte by byte (latin1); `undefined` when the code is broken. */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string | undefined {
  steps ??= makeSteps();
  const { next, symbol, mayEnd } = steps;
  const mostBytes = Math.ceil((to - from) * mostSymbolsPerByte) + 1;
  if (scratch.length < mostBytes) scratch = Buffer.allocUnsafe(mostBytes);
  const out = scratch;
  let length = 0;
  let node = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    for (let at = node * nibbleCount + (byte >> 4), half = 0; half < 2; half++) {
      const found = symbol[at]!;
      if (found >= 0) out[length++] = found;
      else if (found === broken) return undefined;
      node = next[at]!;
      at = node * nibbleCount + (byte & 15);
    }
  }
  return mayEnd[node] === 1 ? out.toString('latin1', 0, length) : undefined;
}
