// Takes the file out of a body of `multipart/form-data`. Called by document-routes.ts.

import { HttpError } from '../../../src/target-kit/http-error.ts';

const headEnd = '\r\n\r\n';

/**
 * The bytes of the part `file`. Throws a 400 for a body without one, or that is cut off.
 *
 * **Source:** RFC 7578 (multipart/form-data), RFC 2046 section 5.1 (boundaries).
 */
export function readFilePart(body: Buffer, contentType: string): Buffer {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw wrong('content-type names no boundary');
  const delimiter = `--${boundary}`;
  if (!body.subarray(0, delimiter.length).equals(Buffer.from(delimiter))) {
    throw wrong('the body does not begin with the boundary');
  }
  for (let at = delimiter.length; ; ) {
    if (body.subarray(at, at + 2).toString('latin1') === '--') throw wrong('there is no part named file');
    const headAt = at + 2;
    const headTo = body.indexOf(headEnd, headAt);
    const partTo = headTo < 0 ? -1 : body.indexOf(`\r\n${delimiter}`, headTo + headEnd.length);
    if (partTo < 0) throw wrong('the body ends within a part');
    const head = body.subarray(headAt, headTo).toString('latin1');
    if (/^content-disposition:[^\r\n]*;\s*name="file"/im.test(head)) {
      return body.subarray(headTo + headEnd.length, partTo);
    }
    at = partTo + 2 + delimiter.length;
  }
}

function wrong(message: string): HttpError {
  return new HttpError(400, 'invalid_multipart', message);
}
