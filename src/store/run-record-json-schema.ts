// The published JSON Schema of run.json, as text. scripts/write-schemas.ts writes it; a test keeps it current.

import { z } from 'zod';
import { runRecordSchema } from './run-record-schema.ts';

const schemaId = 'urn:plimsoll:schema:run-record:1';

/** JSON Schema (draft 2020-12) of a run record, ending in a line feed. */
export function runRecordJsonSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(runRecordSchema, { target: 'draft-2020-12' });
  return `${JSON.stringify({ $schema, $id: schemaId, title: 'Plimsoll run record', ...rest }, null, 2)}\n`;
}
