import { expect, test } from 'vitest';
import { z } from 'zod';
import { KnownSecrets } from '../masking/known-secrets.ts';
import { builtInMetrics } from '../model/metric.ts';
import { runEntrySchema } from './journal-schemas.ts';
import { runRecordSchema } from './run-record-schema.ts';

/** Names of members, and the values that a member may have where these are few. */
function wordsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(wordsOf);
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => [
    ...(key === 'properties' ? Object.keys(value as object) : []),
    ...(key === 'enum' || key === 'const' ? [value].flat().filter((one) => typeof one === 'string') : []),
    ...wordsOf(value),
  ]);
}

test('a password that is a word of the record leaves the record readable', () => {
  const words = [
    ...wordsOf(z.toJSONSchema(runRecordSchema)),
    ...wordsOf(z.toJSONSchema(runEntrySchema)),
    ...Object.keys(builtInMetrics),
  ];
  expect(words).toEqual(expect.arrayContaining(['executor', 'counter', 'critical', 'durationMs']));
  const secrets = new KnownSecrets();
  for (const word of words) secrets.learnEnvironment({ API_TOKEN: word });
  expect(words.filter((word) => secrets.hide(word) !== word)).toEqual([]);
});
