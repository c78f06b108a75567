// Takes a PDF apart: its cross-reference table, its objects, their compressed streams, and the text in them. Called by
// analyse.ts and fattura.ts.

import { inflateSync } from 'node:zlib';
import { messageOf } from '../../../src/model/errors.ts';
import { DocumentError } from './document-error.ts';
import { textOfContent } from './pdf-text.ts';

export interface PdfFacts {
  /** Such as `1.7`. */
  readonly version: string;
  readonly pages: number;
  readonly objects: number;
  readonly text: string;
}

/** More than this in one file is no document but an attack on whoever unpacks it. */
const mostUnpackedBytes = 256 * 1024 * 1024;
/** Of a dictionary at the start of an object. */
const longestHead = 64 * 1024;

/**
 * Throws a `DocumentError` for a file without its header or end, a cross-reference table that leads elsewhere, and a stream
 * that cannot be unpacked.
 *
 * **Source:** ISO 32000-1:2008 (PDF 1.7), sections 7.3 (objects), 7.5 (file structure) and 9.4 (text).
 */
export function analysePdf(bytes: Buffer): PdfFacts {
  const [, version] = /^%PDF-([12]\.\d)[\r\n]/.exec(bytes.subarray(0, 16).toString('latin1')) ?? [];
  if (version === undefined) throw wrong('the file does not begin with %PDF-1.x');
  const offsets = objectOffsets(bytes);
  let [pages, unpacked, text] = [0, 0, ''];
  for (const offset of offsets) {
    const { dictionary, streamAt } = readHead(bytes, offset);
    if (/\/Type\s*\/Page(?![A-Za-z])/.test(dictionary)) pages++;
    if (streamAt === undefined) continue;
    const stream = unpack(dictionary, streamOf(bytes, dictionary, streamAt, offset), offset);
    unpacked += stream.length;
    if (unpacked > mostUnpackedBytes) throw wrong('the streams unpack to more than 256 MB');
    const isText = !/\/Subtype\s*\/Image|\/Type\s*\/(?:XRef|ObjStm|Metadata)|\/FontFile/.test(dictionary);
    if (isText) text += textOfContent(stream.toString('latin1'));
  }
  if (pages === 0) throw wrong('there is no page');
  return { version, pages, objects: offsets.length, text };
}

/** Where objects begin, by the table that the end of the file names. */
function objectOffsets(bytes: Buffer): number[] {
  const tail = bytes.subarray(-1024).toString('latin1');
  const [, given] = /startxref\s+(\d{1,10})\s+%%EOF\s*$/.exec(tail) ?? [];
  if (given === undefined) throw wrong('the file does not end with startxref and %%EOF');
  const tableAt = Number(given);
  if (tableAt >= bytes.length) throw wrong('startxref leads beyond the end of the file');
  if (bytes.subarray(tableAt, tableAt + 4).toString('latin1') === 'xref') return readTable(bytes, tableAt);
  // A compressed table, PDF 1.5 and later: the objects themselves say where they are.
  if (/^\d+ \d+ obj/.test(bytes.subarray(tableAt, tableAt + 24).toString('latin1'))) return scan(bytes);
  throw wrong('startxref leads to no cross-reference table');
}

function readTable(bytes: Buffer, tableAt: number): number[] {
  const trailerAt = bytes.indexOf('trailer', tableAt);
  if (trailerAt < 0) throw wrong('the cross-reference table has no trailer');
  const lines = bytes
    .subarray(tableAt + 4, trailerAt)
    .toString('latin1')
    .trim()
    .split(/\s*[\r\n]+/);
  const offsets: number[] = [];
  for (let at = 0; at < lines.length; ) {
    const [, first, count] = /^(\d+) (\d+)$/.exec(lines[at]!) ?? [];
    if (first === undefined) throw wrong(`the cross-reference table has a line ${JSON.stringify(lines[at])}`);
    at++;
    for (let i = 0; i < Number(count); i++, at++) {
      const [, offset, , use] = /^(\d{10}) (\d{5}) ([fn])$/.exec(lines[at] ?? '') ?? [];
      if (offset === undefined) throw wrong('the cross-reference table has fewer entries than it says');
      if (use === 'f') continue;
      const head = bytes.subarray(Number(offset), Number(offset) + 24).toString('latin1');
      const number = Number(first) + i;
      if (!new RegExp(`^${number} \\d+ obj`).test(head)) {
        throw wrong(`object ${number} is not where the cross-reference table says`);
      }
      offsets.push(Number(offset));
    }
  }
  return offsets;
}

function scan(bytes: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = bytes.indexOf(' obj'); at >= 0; at = bytes.indexOf(' obj', at + 4)) {
    const [head] =
      /(?:^|[\r\n])\d+ \d+$/.exec(bytes.subarray(Math.max(0, at - 20), at).toString('latin1')) ?? [];
    if (head !== undefined) offsets.push(at - head.trimStart().length);
  }
  return offsets;
}

interface Head {
  readonly dictionary: string;
  /** Where its stream begins, if it has one. */
  readonly streamAt: number | undefined;
}

function readHead(bytes: Buffer, offset: number): Head {
  const text = bytes.subarray(offset, offset + longestHead).toString('latin1');
  const endAt = text.indexOf('endobj');
  const [keyword] = /\bstream\r?\n/.exec(endAt < 0 ? text : text.slice(0, endAt)) ?? [];
  const streamAt = keyword === undefined ? -1 : text.indexOf(keyword);
  if (streamAt < 0 && endAt < 0) throw wrong(`the object at byte ${offset} does not end`);
  return streamAt < 0
    ? { dictionary: text.slice(0, endAt), streamAt: undefined }
    : { dictionary: text.slice(0, streamAt), streamAt: offset + streamAt + keyword!.length };
}

function streamOf(bytes: Buffer, dictionary: string, from: number, offset: number): Buffer {
  const [, given, isIndirect] = /\/Length\s+(\d+)(\s+\d+\s+R)?/.exec(dictionary) ?? [];
  const to =
    given === undefined || isIndirect !== undefined ? bytes.indexOf('endstream', from) : from + Number(given);
  const after = bytes.subarray(to, to + 12).toString('latin1');
  if (to < from || !/^\s*endstream/.test(after)) {
    throw wrong(`the stream of the object at byte ${offset} does not end where it says`);
  }
  return bytes.subarray(from, to);
}

function unpack(dictionary: string, stream: Buffer, offset: number): Buffer {
  const [, filters] = /\/Filter\s*(\[[^\]]*\]|\/\w+)/.exec(dictionary) ?? [];
  // Other filters are those of pictures, which hold no text.
  if (filters?.match(/\/\w+/g)?.join() !== '/FlateDecode') return stream;
  try {
    return inflateSync(stream, { maxOutputLength: mostUnpackedBytes });
  } catch (error) {
    throw wrong(`the stream of the object at byte ${offset} cannot be unpacked: ${messageOf(error)}`);
  }
}

function wrong(message: string): DocumentError {
  return new DocumentError('invalid_pdf', message);
}
