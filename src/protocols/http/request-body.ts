// The body of a request: one of the four that options can give. Called by request.ts.

import type { HttpOptions } from '../../model/context.ts';
import { stringifyExact } from '../../model/exact-number.ts';
import { encodeMultipart } from './multipart.ts';
import { encodeFields } from './query.ts';
import { isBodySource, type UploadPlan } from './upload.ts';

export interface RequestBody {
  readonly content: string | Uint8Array | UploadPlan['source'];
  /** Of the body itself; a content type among the headers goes before it. */
  readonly contentType: string | null;
}

const bodyOptions = ['json', 'form', 'multipart', 'body'] as const;

/**
 * `ownType` is the content type among the request's headers. Throws a `TypeError` for two bodies in one request, and for
 * what cannot be written.
 */
export function encodeBody(options: HttpOptions, ownType: string | undefined): RequestBody | null {
  const { json, form, multipart, body } = options;
  if (json === undefined && form === undefined && multipart === undefined && body === undefined) return null;
  const given = bodyOptions.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new TypeError(`a request has one body, got ${given.map((name) => `"${name}"`).join(' and ')}`);
  }
  if (json !== undefined) return { content: jsonText(json), contentType: 'application/json' };
  if (form !== undefined) {
    return { content: encodeFields('form', form), contentType: 'application/x-www-form-urlencoded' };
  }
  if (multipart !== undefined) {
    const isOwn = ownType !== undefined && /^multipart\//i.test(ownType);
    return encodeMultipart(multipart, isOwn ? ownType : undefined);
  }
  if (typeof body !== 'string' && !(body instanceof Uint8Array) && !isBodySource(body)) {
    throw new TypeError(
      `body is ${body === null ? 'null' : typeof body}; expected a text, bytes, or a source of them (or use json)`,
    );
  }
  return { content: body, contentType: null };
}

function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    // It knows no bigints, but JSON has integers of any length.
    text = stringifyExact(value);
    if (text === undefined) throw thrown;
  }
  if (text === undefined) throw new TypeError(`json is a ${typeof value}, which JSON cannot say`);
  return text;
}
