// Encodes multipart/form-data (RFC 7578), with names as browsers write them (HTML standard, section 4.10.21.8).
// Called by request-body.ts.

import { randomBytes } from 'node:crypto';
import { headerValue } from '../../model/header-fields.ts';
import type { MultipartFields, MultipartPart, MultipartValue } from '../../model/http-fields.ts';

const boundaryParameter = /;\s*boundary=(?:"([^"]*)"|([^\s;"]+))/i;
/** RFC 2046 section 5.1.1. */
const boundaryText = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

export interface EncodedForm {
  readonly content: Buffer;
  readonly contentType: string;
}

/**
 * `ownType` is the content type that the request gives itself: it keeps it, and its boundary when it names one.
 * Throws a `TypeError` that names the field which cannot be sent.
 */
export function encodeMultipart(fields: MultipartFields, ownType?: string): EncodedForm {
  if (typeof fields !== 'object' || fields === null || Symbol.iterator in fields) {
    throw new TypeError('multipart is an object of names with values, such as { note: "x" }');
  }
  const parts: Part[] = [];
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value)
      ? (value as readonly MultipartValue[])
      : [value as MultipartValue]) {
      if (one !== undefined) parts.push(makePart(name, one));
    }
  }
  const given = ownType === undefined ? null : boundaryParameter.exec(ownType);
  const ownBoundary = given === null ? undefined : (given[1] ?? given[2]!);
  const boundary = ownBoundary ?? freeBoundary(parts);
  if (!boundaryText.test(boundary) || parts.some((part) => part.content.includes(`--${boundary}`))) {
    throw new TypeError(
      'the boundary of the content-type is not a sound one, or the data contain it; leave it out',
    );
  }
  const pieces = parts.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ]);
  const type = ownType ?? 'multipart/form-data';
  return {
    content: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    contentType: ownBoundary === undefined ? `${type}; boundary=${boundary}` : type,
  };
}

interface Part {
  readonly head: string;
  readonly content: Buffer;
}

function makePart(name: string, value: MultipartValue): Part {
  const what = `multipart.${name}`;
  const disposition = `Content-Disposition: form-data; name="${quoted(withCrlf(name))}"`;
  if (typeof value === 'object' && value !== null && 'content' in value)
    return makeFilePart(what, disposition, value);
  const kind = typeof value;
  if (kind !== 'string' && kind !== 'number' && kind !== 'boolean' && kind !== 'bigint') {
    const found = value === null ? 'null' : kind === 'object' ? 'an object without content' : kind;
    throw new TypeError(
      `${what} is ${found}; expected a text, a number, true or false, or { content, filename, contentType }`,
    );
  }
  return { head: disposition, content: Buffer.from(withCrlf(String(value))) };
}

/** A part has a file name only when one is given: to most servers it is what makes a file of a field. */
function makeFilePart(what: string, disposition: string, part: MultipartPart): Part {
  const { content, filename, contentType } = part;
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
    const found = content === null ? 'null' : typeof content;
    throw new TypeError(`${what}.content is ${found}; expected a text or bytes`);
  }
  if (filename !== undefined && typeof filename !== 'string') {
    throw new TypeError(`${what}.filename is ${typeof filename}; expected a text`);
  }
  const isFile = filename !== undefined || typeof content !== 'string';
  const type = contentType ?? (isFile ? 'application/octet-stream' : undefined);
  let head = disposition;
  if (filename !== undefined) head += `; filename="${quoted(filename)}"`;
  if (type !== undefined) head += `\r\nContent-Type: ${headerValue(`${what}.contentType`, type)}`;
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return { head, content: bytes };
}

/** Line ends of names and of plain texts, as browsers normalise them. */
function withCrlf(text: string): string {
  return text.replaceAll(/\r\n|\r|\n/g, '\r\n');
}

function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** One that none of the parts contains. */
function freeBoundary(parts: readonly Part[]): string {
  for (;;) {
    const boundary = `----plimsoll-${randomBytes(12).toString('hex')}`;
    if (!parts.some(({ content }) => content.includes(boundary))) return boundary;
  }
}
