// Types of Node and the web in what suites see: those of the project's own `@types/node` or DOM library where it has
// them, else as much as we promise. So the published types ask for no package (tests/package.test.ts compiles them).

/** Node's `Buffer`. */
export type Bytes = typeof globalThis extends {
  Buffer: { isBuffer(value: unknown): value is infer Known };
}
  ? Known
  : Uint8Array;

/** Bytes that are read as they come, and what ends the reading early. */
interface PlainStream extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): unknown;
}

/** Node's `Readable`; no global value has that type, but the streams that standard input makes of itself do. */
export type ByteStream = typeof globalThis extends {
  process: { stdin: { drop(limit: number): infer Known } };
}
  ? Known
  : PlainStream;

/** `AbortSignal` */
export type StopSignal = typeof globalThis extends { AbortSignal: { prototype: infer Known } }
  ? Known
  : { readonly aborted: boolean };

/** EnvVariables variables by name. */
export type EnvVariables = Readonly<Record<string, string | undefined>>;
