// What RFC 9112 says of a response, written for clarity: grammar as patterns, whole text at once, no speed. The
// fuzz test holds the real parser against it.

export interface ReadResponse {
  readonly status: number;
  readonly body: string;
  readonly keepAlive: boolean;
  /** Length of the response in the text. */
  readonly byteCount: number;
}

const statusLine = /HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t -~\x80-\xff]*)?\r\n/y;
const fieldLine = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t -~\x80-\xff]*)\r\n/y;
const emptyLine = /\r\n/y;
const quoted = String.raw`"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"`;
const word = String.raw`[!#$%&'*+\-.^_|~0-9A-Za-z\x60]+`;
const chunkLine = new RegExp(
  String.raw`([0-9A-Fa-f]{1,13})(?:[\t ]*;[\t ]*${word}(?:[\t ]*=[\t ]*(?:${word}|${quoted}))?)*\r\n`,
  'y',
);

/** Reads the response at the start of `text`, after which the connection was closed; `null` when it is not valid. */
export function readResponse(text: string, isHead: boolean): ReadResponse | null {
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const fields = (): [name: string, value: string][] | null => {
    const found: [string, string][] = [];
    for (let line = match(fieldLine); line !== null; line = match(fieldLine)) {
      found.push([line[1]!.toLowerCase(), line[2]!.replace(/[\t ]+$/, '')]);
    }
    return match(emptyLine) === null ? null : found;
  };

  for (let heads = 0; heads <= 16; heads++) {
    const start = match(statusLine);
    const headers = start === null ? null : fields();
    if (start === null || headers === null) return null;
    const status = Number(start[2]);
    const valuesOf = (name: string): string[] => headers.filter(([key]) => key === name).map(([, v]) => v);
    const lengths = valuesOf('content-length');
    const codings = valuesOf('transfer-encoding');
    if (lengths.length > 1 || lengths.some((value) => !/^\d{1,15}$/.test(value))) return null;
    if (codings.length > 1 || codings.some((value) => value.toLowerCase() !== 'chunked')) return null;
    if (lengths.length + codings.length > 1) return null;
    if (status === 101) return null;
    if (status < 200) continue;

    const http10 = start[1] === '0';
    const options = valuesOf('connection').flatMap((value) => value.split(/[\t ]*,[\t ]*/));
    const asks = (option: string): boolean => options.some((one) => one.toLowerCase() === option);
    const keeps = http10 ? asks('keep-alive') && codings.length === 0 : true;
    const keepAlive = keeps && !asks('close');
    if (isHead || status === 204 || status === 304) {
      // Without a body, chunks that are announced do no harm to the framing.
      return {
        status,
        body: '',
        keepAlive: http10 ? asks('keep-alive') && !asks('close') : keepAlive,
        byteCount: at,
      };
    }
    if (codings.length === 0 && lengths.length === 0) {
      return { status, body: text.slice(at), keepAlive: false, byteCount: text.length };
    }
    if (codings.length === 0) {
      const length = Number(lengths[0]);
      if (at + length > text.length) return null;
      return { status, body: text.slice(at, at + length), keepAlive, byteCount: at + length };
    }
    let body = '';
    for (let line = match(chunkLine); line !== null; line = match(chunkLine)) {
      const size = Number.parseInt(line[1]!, 16);
      if (size === 0) return fields() === null ? null : { status, body, keepAlive, byteCount: at };
      if (at + size > text.length) return null;
      body += text.slice(at, at + size);
      at += size;
      if (match(emptyLine) === null) return null;
    }
    return null;
  }
  return null;
}
