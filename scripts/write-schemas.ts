// Writes the JSON Schemas that Plimsoll publishes: `npx tsx scripts/write-schemas.ts`.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runRecordJsonSchema } from '../src/store/run-record-json-schema.ts';

const file = fileURLToPath(new URL('../schemas/run-record.schema.json', import.meta.url));
writeFileSync(file, runRecordJsonSchema());
console.log(`wrote ${file}`);
