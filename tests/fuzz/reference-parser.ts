// What RFC 9112 says of a response, written for clarity: grammar as patterns, whole text at once, no speed. The
// fuzz test holds the real parser against it.

export interface ReadResponse {
  readonly status: number;
  readonly body: string;
  readonly keepAlive: boolean;
  /** Length of the response in the text. */
  readonly byteCount: number;
}

/** Lines end with a line feed, with or without a carriage return before it (section 2.2). */
const eol = String.raw`\r?\n`;
const statusLine = new RegExp(
  String.raw`(?:${eol})*HTTP\/1\.(\d)[\t ]+([1-9]\d\d)(?:[\t ]+[\t -~\x80-\xff]*|)${eol}`,
  'y',
);
/** Field lines with what is folded into them (section 5.2); white space before the colon is passed over. */
const fieldLine = new RegExp(
  String.raw`([!#$%&'*+\-.^_|~0-9A-Za-z\x60]+)[\t ]*:((?:[^\0\r\n]*${eol}[\t ])*[^\0\r\n]*)${eol}`,
  'y',
);
/** Between the status line and the first field it is passed over (section 2.2). */
const leadingSpace = /[\t ][^\n]*\n/y;
const emptyField = new RegExp(eol, 'y');
const emptyLine = /\r\n/y;
const quoted = String.raw`"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"`;
const word = String.raw`[!#$%&'*+\-.^_|~0-9A-Za-z\x60]+`;
const chunkLine = new RegExp(
  String.raw`([0-9A-Fa-f]{1,13})(?:[\t ]*;[\t ]*${word}(?:[\t ]*=[\t ]*(?:${word}|${quoted}))?)*[\t ]*\r\n`,
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
  const fields = (leading: boolean): [name: string, value: string][] | null => {
    const found: [string, string][] = [];
    while (leading && match(leadingSpace) !== null);
    for (let line = match(fieldLine); line !== null; line = match(fieldLine)) {
      found.push([line[1]!.toLowerCase(), line[2]!.replace(/\r?\n/g, ' ').replace(/^[\t ]+|[\t ]+$/g, '')]);
    }
    return match(emptyField) === null ? null : found;
  };

  for (let heads = 0; heads <= 1000; heads++) {
    const start = match(statusLine);
    const headers = start === null ? null : fields(true);
    if (start === null || headers === null) return null;
    const status = Number(start[2]);
    const valuesOf = (name: string): string[] => headers.filter(([key]) => key === name).map(([, v]) => v);
    const elements = (name: string): string[] =>
      valuesOf(name)
        .flatMap((value) => value.split(','))
        .map((value) => value.replace(/^[\t ]+|[\t ]+$/g, ''));
    const codings = elements('transfer-encoding')
      .map((coding) => coding.toLowerCase())
      .filter((coding) => coding !== '' && coding !== 'identity');
    const chunked = codings.indexOf('chunked');
    const named = chunked < 0 ? codings : codings.slice(0, chunked);
    if (chunked >= 0 && codings.slice(chunked).some((coding) => coding !== 'chunked')) return null;
    if (named.some((coding) => !['gzip', 'x-gzip', 'deflate'].includes(coding))) return null;
    const hasLength = valuesOf('content-length').length > 0;
    if (status === 101) return null;
    if (status < 200) continue;

    const http10 = start[1] === '0';
    const options = valuesOf('connection').flatMap((value) => value.split(/[\t ]*,[\t ]*/));
    const asks = (option: string): boolean => options.some((one) => one.toLowerCase() === option);
    const keeps = http10 ? asks('keep-alive') : true;
    const persists = keeps && !asks('close');
    if (isHead || status === 204 || status === 304) {
      // Without a body, what frames one does no harm.
      return { status, body: '', keepAlive: persists, byteCount: at };
    }
    if (codings.length > 0 ? chunked < 0 : !hasLength) {
      return { status, body: text.slice(at), keepAlive: false, byteCount: text.length };
    }
    if (codings.length === 0) {
      const lengths = elements('content-length').filter((value) => value !== '');
      const isList = valuesOf('content-length').every((value) => value !== '');
      if (!isList || lengths.length === 0 || lengths.some((value) => !/^\d{1,15}$/.test(value))) return null;
      if (new Set(lengths.map(Number)).size > 1) return null;
      const length = Number(lengths[0]);
      if (at + length > text.length) return null;
      return { status, body: text.slice(at, at + length), keepAlive: persists, byteCount: at + length };
    }
    const keepAlive = persists && !http10 && !hasLength;
    let body = '';
    for (let line = match(chunkLine); line !== null; line = match(chunkLine)) {
      const size = Number.parseInt(line[1]!, 16);
      // The last chunk ends the body, though the connection closes right after it (section 8).
      if (size === 0 && at === text.length) return { status, body, keepAlive, byteCount: at };
      if (size === 0) return fields(false) === null ? null : { status, body, keepAlive, byteCount: at };
      if (at + size > text.length) return null;
      body += text.slice(at, at + size);
      at += size;
      if (match(emptyLine) === null) return null;
    }
    return null;
  }
  return null;
}
