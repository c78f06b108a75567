// What a row of test data tells of secrets. Workers learn it when they hand the row to a user.

import type { Row } from '../model/feeder.ts';
import { knownSecrets } from './known-secrets.ts';

/** From now on the values of these columns are masked. Of rows in their thousands, the ones learned last are known. */
export function learnRow(row: Row, columns: readonly string[]): void {
  for (const column of columns) {
    const value: unknown = row[column];
    if (typeof value === 'string' || typeof value === 'number') knownSecrets.learn(String(value));
  }
}
