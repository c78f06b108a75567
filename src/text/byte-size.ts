// Reads sizes as suites write them.

const unitBytes: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const sizeText = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)$/i;

/** Bytes of a number, or of a text such as `10MB` (1 MB = 1024 x 1024 bytes); `undefined` for anything else. */
export function parseByteSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  const parts = typeof value === 'string' ? sizeText.exec(value.trim()) : null;
  return parts === null ? undefined : Math.floor(Number(parts[1]) * unitBytes[parts[2]!.toLowerCase()]!);
}
