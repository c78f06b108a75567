// The process that coordinates a load has little to do while the load goes on, and its memory counts. Called by the
// commands that drive load.

import v8 from 'node:v8';

/**
 * From now on V8 keeps the heap small rather than collect seldom: what loading the modules left behind goes within
 * seconds, also while windows keep coming. With 10,000 users that is 15 of 95 MB (bench `users`, docs/decisions/0024).
 */
export function favourMemory(): void {
  v8.setFlagsFromString('--optimize-for-size');
}
