// Reads the body of a request to a reference target, within limits. Called by http-server.ts.

import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.ts';
import type { BodyRule } from './http-routing.ts';

const largestJsonBytes = 64 * 1024;

/** Parsed JSON, a `Buffer`, or `undefined` where there is no body and need be none. Throws a 400, 413 or 415 for a body that does not fit. */
export async function readBody(request: IncomingMessage, rule: BodyRule): Promise<unknown> {
  if (rule.kind === 'bytes') {
    checkType(request, rule.types);
    return readBytes(request, rule.mostBytes);
  }
  if (rule.isOptional && !hasBody(request)) return undefined;
  checkType(request, ['application/json']);
  const bytes = await readBytes(request, largestJsonBytes);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw new HttpError(400, 'invalid_json', `the body is not JSON: ${String(error)}`);
  }
}

function checkType(request: IncomingMessage, types: readonly string[]): void {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && types.includes(type)) return;
  const accept = types.join(', ');
  throw new HttpError(
    415,
    'unsupported_media_type',
    `send content-type: ${types.length > 1 ? 'one of ' : ''}${accept}`,
    {
      headers: { accept },
    },
  );
}

async function readBytes(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const tooLarge = () => new HttpError(413, 'body_too_large', `a body may have ${mostBytes} bytes at most`);
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) reject(tooLarge());
      else chunks.push(chunk);
    });
    request.once('end', resolve);
    request.once('error', reject);
    request.once('close', () => reject(new HttpError(400, 'incomplete_body', 'the body ended early')));
  });
  return Buffer.concat(chunks);
}

export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}
