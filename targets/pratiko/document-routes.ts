// Routes of the PratikoAI system about documents. Called by api.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { HttpError, readInteger } from '../../src/target-kit/http-error.ts';
import type { Route } from '../../src/target-kit/http-routing.ts';
import { countUsage } from './accounts.ts';
import { writeAudit } from './audit.ts';
import { formatOf } from './documents/analyse.ts';
import type { Documents } from './documents/documents.ts';
import { readFilePart } from './documents/multipart.ts';
import { ok, type RouteMaker } from './routes.ts';

const mostBytes = 20 * 1024 * 1024;
const types = ['application/pdf', 'application/xml', 'text/xml', 'multipart/form-data'];

interface Parts {
  readonly make: RouteMaker;
  readonly database: Database;
  readonly documents: Documents;
}

export function documentRoutes({ make, database, documents }: Parts): Route[] {
  return [
    make.forUser(
      'POST',
      '/api/documents',
      async (userId, { body, headers }) => {
        const bytes = fileOf(body as Buffer, headers['content-type'] ?? '');
        const format = formatOf(bytes);
        if (format === undefined) {
          throw new HttpError(400, 'not_a_document', 'the file begins neither as a PDF nor as a FatturaPA');
        }
        const document = await documents.submit(userId, format, bytes);
        await Promise.all([
          countUsage(database, userId, 'document'),
          writeAudit(database, userId, 'document', { id: document.id, bytes: bytes.length }),
        ]);
        return { status: 202, headers: { location: `/api/documents/${document.id}` }, body: document };
      },
      { reads: { kind: 'bytes', mostBytes, types } },
    ),
    make.forUser('GET', '/api/documents/:id', async (userId, { params }) =>
      ok(await documents.read(userId, readInteger('id', params[0]!, 1, 999_999_999))),
    ),
  ];
}

function fileOf(body: Buffer, contentType: string): Buffer {
  return contentType.toLowerCase().startsWith('multipart/') ? readFilePart(body, contentType) : body;
}
