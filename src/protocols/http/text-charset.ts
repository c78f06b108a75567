// The text of a body, by the charset that its response names. Called by exchange.ts when user code asks for text.

import { headerValues } from './response-headers.ts';

/** Parameters of a content type, one by one, so that what stands in quotes is not taken for one. */
const parameters = /;[ \t]*([^\s;="]*)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^\s;,"]*)))?/g;

/**
 * The charset of the content type, in lower case: the first that it names. Of several header lines it is the last that
 * names one (Fetch standard, "extract a MIME type").
 */
function charsetOf(rawHeaders: string): string | undefined {
  for (const type of headerValues(rawHeaders, 'content-type').reverse()) {
    for (const [, name, quoted, plain] of type.matchAll(parameters)) {
      const label = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
      if (name!.toLowerCase() === 'charset' && label !== '') return label.trim().toLowerCase();
    }
  }
  return undefined;
}

/**
 * A byte order mark decides and is no part of the text, then the charset does, then it is UTF-8 (WHATWG Encoding
 * Standard, "decode"). Labels are those that browsers know; one that they do not know is taken for UTF-8.
 */
export function textOf(body: Buffer, rawHeaders: string): string {
  const marked = markedCharset(body);
  if (marked !== undefined) return new TextDecoder(marked).decode(body);
  const label = charsetOf(rawHeaders);
  if (label === undefined || label === 'utf-8' || label === 'utf8') return body.toString('utf8');
  const decoder = decoderFor(label);
  if (decoder === undefined) return body.toString('utf8');
  // Node 20 takes this one for Latin 1.
  if (decoder.encoding !== 'windows-1252') return decoder.decode(body);
  return body.toString('latin1').replace(/[\x80-\x9f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80]!);
}

/** 0x80 to 0x9f. */
const windows1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

function markedCharset(body: Buffer): string | undefined {
  const first = body[0];
  if (first === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (first === 0xfe && body[1] === 0xff) return 'utf-16be';
  if (first === 0xff && body[1] === 0xfe) return 'utf-16le';
  return undefined;
}

function decoderFor(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}
